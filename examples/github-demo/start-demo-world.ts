import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import type { EndedJob } from 'bapp-connectors'
import type { PrismaClient } from '../../generated/prisma-sqlite/client/client.ts'
import { type GitHubReplayServer, startGitHubReplayServer } from '../../test/support/github-replay-server.ts'
import { createSqliteDatabase, openSqliteDatabase } from '../../test/support/sqlite-database.ts'
import { type ApplicationConnectors, createApplication } from './create-application.ts'
import type { DemoQueue } from './open-demo-queue.ts'
import type { PlantedSecrets } from './plant-secrets.ts'

/** Everything that the demo runs on. */
export interface DemoWorld {
  /** GitHub, replayed from recordings. */
  readonly server: GitHubReplayServer
  /** The application's own database. */
  readonly prisma: PrismaClient
  readonly connectors: ApplicationConnectors
  /** Whether syncs and deliveries are done by a worker, from a queue; else they are done where they are asked for. */
  readonly isQueued: boolean
  /** The jobs that the worker has done, by name. */
  readonly jobsDone: readonly string[]
  /** Lets the worker finish. */
  drain(): Promise<void>
  readonly secrets: PlantedSecrets
  /** Every log line so far, of all levels, with all that was logged. */
  readonly logLines: readonly string[]
  /** The folder of the SQLite file. */
  readonly folder: string
  /** Stops everything and removes the folder. */
  stop(): Promise<void>
}

/**
 * Starts GitHub on a loopback port, makes a SQLite file in a temporary folder, and the library over both; with a queue also a
 * worker.
 */
export async function startDemoWorld(secrets: PlantedSecrets, queue: DemoQueue | null): Promise<DemoWorld> {
  const server = await startGitHubReplayServer(['get-root', 'paginate-issues'], { recordings: 'raw' })
  const folder = await mkdtemp(join(tmpdir(), 'bapp-connectors-demo-'))
  const file = join(folder, 'application.db')
  await createSqliteDatabase(file)
  const prisma = openSqliteDatabase(file)
  const logLines: string[] = []
  // Deeper than any real logger would print, so that nothing hides from the search for secrets.
  const log = (level: string) => (fields: object, message: string) =>
    void logLines.push(`${level} ${message} ${inspect(fields, { depth: 20, showHidden: true, maxStringLength: null })}`)
  const logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
  const connectors = createApplication(prisma, {
    encryptionKey: secrets.encryptionKey,
    logger,
    queue: queue?.queue ?? null,
  })
  const jobsDone: string[] = []
  const onJob = ({ name, status }: EndedJob) => void (status === 'done' && jobsDone.push(name))
  // Nothing is put off for fairness and nothing is found by a tick: every job has come through the queue.
  const shares = { concurrency: 10, perTenant: 10, perConnection: 10 }
  const worker = queue === null ? null : connectors.work({ ...shares, tickEveryMs: false, onJob })
  await worker?.ready()
  const drain = async () => worker?.drain()
  return {
    server,
    prisma,
    connectors,
    isQueued: queue !== null,
    jobsDone,
    drain,
    secrets,
    logLines,
    folder,
    stop: async () => {
      await drain()
      await connectors.close()
      await prisma.$disconnect()
      await server.close()
      await queue?.close()
      await rm(folder, { recursive: true })
    },
  }
}
