import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PrismaClient } from '../../../generated/prisma-sqlite/client/client.ts'
import { prismaRepositories } from '../../../src/adapters/prisma/prisma-repositories.ts'
import { newConnection } from '../../../src/testing/new-connection.ts'
import { createSqliteDatabase, openSqliteDatabase } from '../../support/sqlite-database.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const workerFile = fileURLToPath(new URL('../../support/prisma-worker.ts', import.meta.url))
let folder: string
let file: string
let prisma: PrismaClient

beforeAll(async () => {
  folder = await temporaryFolder('processes')
  file = join(folder, 'shared.db')
  await createSqliteDatabase(file)
  prisma = openSqliteDatabase(file)
})

afterAll(async () => {
  await prisma.$disconnect()
  await rm(folder, { recursive: true })
})

test('two processes on one file lose no transaction, though each reads before it writes', async () => {
  const rounds = 40
  await prisma.tenant.create({ data: { id: 'acme', name: '0' } })
  const connection = newConnection({ tenantId: 'acme' })
  await prismaRepositories(prisma).connections.create(connection)

  const workers = ['1', '2'].map((worker) =>
    spawn(process.execPath, ['--import', 'tsx', workerFile, file, 'acme', connection.id, String(rounds), worker], {
      stdio: ['pipe', 'pipe', 'pipe'],
    }),
  )
  const ends = workers.map(ended)
  await Promise.all(workers.map((worker) => once(worker.stdout, 'data')))
  for (const worker of workers) worker.stdin.write('go\n')
  expect(await Promise.all(ends)).toEqual(['', ''])

  const tenant = await prisma.tenant.findUniqueOrThrow({ where: { id: 'acme' } })
  const stored = await prisma.connection.findUniqueOrThrow({ where: { id: connection.id } })
  expect({ transactions: Number(tenant.name), failures: stored.authFailureCount }).toEqual({
    transactions: 2 * rounds,
    failures: 2 * rounds,
  })
}, 60_000)

/** What the process wrote to stderr, or how it ended if not well. */
async function ended(worker: ChildProcess): Promise<string> {
  const errors: string[] = []
  worker.stderr?.on('data', (chunk: Buffer) => errors.push(chunk.toString()))
  const [code] = await once(worker, 'exit')
  return code === 0 ? '' : `exit ${String(code)}: ${errors.join('')}`
}
