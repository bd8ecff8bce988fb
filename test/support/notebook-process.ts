import { createConnectors } from 'bapp-connectors'
import { prismaRepositories } from 'bapp-connectors/prisma'
import { systemClock } from '../../src/adapters/node/system-clock.ts'
import { notebookAt } from './notebook-provider.ts'
import { openPostgresqlClient } from './pooled-clients.ts'

/** What a process has to know to talk to notebooks. */
export interface NotebookProcessSettings {
  /** Of the database. */
  readonly url: string
  /** Opens credentials. */
  readonly key: string
  /** Of the notebooks and their authorization server. */
  readonly origin: string
  readonly app: { readonly clientId: string; readonly clientSecret: string }
  /** So much its clock is ahead. */
  readonly aheadMs: number
}

const storedBy = (prisma: ReturnType<typeof openPostgresqlClient>) => prismaRepositories(prisma)
type Stored = ReturnType<typeof storedBy>

/** The library as one of several processes has it: on PostgreSQL, with a client and a clock of its own. */
export function openNotebookProcess(
  { url, key, origin, app, aheadMs }: NotebookProcessSettings,
  wrap: (stored: Stored) => Stored = (stored) => stored,
) {
  const prisma = openPostgresqlClient(url, { max: 4 })
  const repositories = wrap(storedBy(prisma))
  const notebook = notebookAt(origin)
  const connectors = createConnectors(repositories, {
    providers: [notebook],
    encryption: { keys: [{ id: 'test-key', key }] },
    oauth: { baseUrl: 'https://app.test/oauth', apps: { notebook: app } },
    http: { allowPrivateNetwork: true },
    clock: { now: () => new Date(Date.now() + aheadMs), schedule: systemClock.schedule },
  })
  return {
    prisma,
    repositories,
    notebook,
    connectors,
    close: async () => {
      await connectors.close()
      await prisma.$disconnect()
    },
  }
}
