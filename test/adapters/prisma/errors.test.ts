import { writeFile } from 'node:fs/promises'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { expect, test } from 'vitest'
import { PrismaClient } from '../../../generated/prisma-sqlite/client/client.ts'
import { prismaRepositories } from '../../../src/adapters/prisma/prisma-repositories.ts'
import { newConnection } from '../../../src/testing/new-connection.ts'
import { newExecutionLog } from '../../../src/testing/new-execution-log.ts'
import { newId } from '../../../src/testing/new-id.ts'
import { openSqliteDatabase } from '../../support/sqlite-database.ts'
import { temporarySqlite } from '../../support/temporary-sqlite.ts'

const limits = { timeoutMs: 10_000, maxWaitMs: 10_000 }
const secret = 'v1.key.nonce.planted-secret'

/** The error of creating a connection, and of doing it in a transaction. */
async function refusals(prisma: PrismaClient) {
  const repositories = prismaRepositories(prisma)
  const connection = newConnection({ tenantId: 'nobody', credentialsEncrypted: secret })
  const attempts = [
    repositories.connections.create(connection),
    repositories.connections.enable(connection, { at: connection.createdAt }),
    repositories.transaction(({ repositories: inside }) => inside.connections.create(connection), limits),
  ]
  return (await Promise.allSettled(attempts)).map((result) =>
    result.status === 'rejected' ? result.reason : undefined,
  )
}

test('a file that cannot be opened is STORE_UNAVAILABLE', async () => {
  const errors = await refusals(openSqliteDatabase('/nonexistent/folder/test.db'))
  for (const error of errors) expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', cause: expect.any(Error) })
})

test('a database that is read-only for now is STORE_UNAVAILABLE, and takes rows again afterwards', async () => {
  const { prisma } = await temporarySqlite()
  const { executionLogs } = prismaRepositories(prisma)
  const row = newExecutionLog({ tenantId: 'acme', connectionId: newId() })
  await prisma.$queryRaw`PRAGMA query_only = 1`
  await expect(executionLogs.appendMany([row])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  await prisma.$queryRaw`PRAGMA query_only = 0`
  await executionLogs.appendMany([row])
  const { items } = await executionLogs.list({ scope: { kind: 'operator' }, filter: {}, limit: 5 })
  expect(items).toEqual([row])
})

test('a database without the tables is STORE_FAILED', async () => {
  const { file } = await temporarySqlite()
  await writeFile(`${file}.empty`, '')
  const prisma = openSqliteDatabase(`${file}.empty`)
  const errors = await refusals(prisma)
  for (const error of errors) expect(error).toMatchObject({ code: 'STORE_FAILED', cause: expect.any(Error) })
  await prisma.$disconnect()
})

test('a tenant that does not exist is INVALID_INPUT and named, and no message quotes what was written', async () => {
  const { prisma } = await temporarySqlite()
  const [created, , inTransaction] = await refusals(prisma)
  for (const error of [created, inTransaction]) {
    expect(error).toMatchObject({ code: 'INVALID_INPUT', cause: { code: 'P2003' } })
    expect(error.message).toContain('There is no tenant nobody')
    expect(error.message).not.toContain(secret)
  }
})

test('a taken slot is CONFLICT and says which', async () => {
  const { prisma } = await temporarySqlite()
  const { connections } = prismaRepositories(prisma)
  await connections.create(newConnection({ tenantId: 'acme', slot: '' }))
  await expect(connections.create(newConnection({ tenantId: 'acme', slot: '' }))).rejects.toMatchObject({
    code: 'CONFLICT',
    message: 'Tenant acme already has a connection to code.github in this slot.',
  })
})

test('a client for another database is refused at once', async () => {
  const { prisma } = await temporarySqlite()
  const foreign = new Proxy(prisma, {
    get: (target, name) => (name === '_activeProvider' ? 'cockroachdb' : target[name as 'issue']),
  })
  expect(() => prismaRepositories(foreign)).toThrowError(
    expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringContaining('cockroachdb') }),
  )
  expect(() => prismaRepositories(foreign, { dialect: 'sqlite' })).not.toThrow()
})

test('a client without the models is refused at once, with what to do about it', () => {
  const prisma = new PrismaClient({ adapter: new PrismaLibSql({ url: ':memory:' }) })
  // The compiler refuses this too; plain JavaScript has no compiler.
  const models = { connection: 'shopConnection' } as unknown as { connection: 'connection' }
  expect(() => prismaRepositories(prisma, { models })).toThrowError(
    expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringContaining('"shopConnection"') }),
  )
})
