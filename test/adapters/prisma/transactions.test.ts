import { PrismaLibSql } from '@prisma/adapter-libsql'
import { expect, test } from 'vitest'
import { PrismaClient } from '../../../generated/prisma-sqlite/client/client.ts'
import { prismaRepositories } from '../../../src/adapters/prisma/prisma-repositories.ts'
import { singleConnection } from '../../../src/adapters/prisma/single-connection.ts'
import { newConnection } from '../../../src/testing/new-connection.ts'
import { temporarySqlite } from '../../support/temporary-sqlite.ts'

const limits = { timeoutMs: 10_000, maxWaitMs: 10_000 }
const scope = { kind: 'operator' } as const

/** Another connection to the file that holds the write lock, as another process would. */
async function lockFile(file: string) {
  const other = await new PrismaLibSql({ url: `file:${file}` }).connect()
  await other.executeRaw({ sql: 'BEGIN IMMEDIATE', args: [], argTypes: [] })
  let isHeld = true
  return async () => {
    if (!isHeld) return
    isHeld = false
    await other.executeRaw({ sql: 'ROLLBACK', args: [], argTypes: [] })
    await other.dispose()
  }
}

/** A client that does not wait for locks, and tells when a statement failed. */
function impatientClient(file: string, onFailure: () => Promise<void>) {
  const prisma = new PrismaClient({ adapter: singleConnection(new PrismaLibSql({ url: `file:${file}`, timeout: 0 })) })
  return prisma.$extends({
    query: {
      async $allOperations({ args, query }) {
        try {
          return await query(args)
        } catch (error) {
          await onFailure()
          throw error
        }
      },
    },
  })
}

test('a verb is repeated when another process has locked the file', async () => {
  const { file } = await temporarySqlite()
  const unlock = await lockFile(file)
  let failureCount = 0
  const prisma = impatientClient(file, () => {
    failureCount += 1
    return unlock()
  })
  const connection = newConnection({ tenantId: 'acme' })
  const { connections } = prismaRepositories(prisma)

  await connections.create(connection)

  expect(failureCount).toBe(1)
  expect(await connections.find({ scope, id: connection.id })).toEqual(connection)
  await prisma.$disconnect()
})

test('a transaction gets past the lock of another process before its work begins', async () => {
  const { file } = await temporarySqlite()
  const unlock = await lockFile(file)
  const prisma = impatientClient(file, unlock)
  let runCount = 0

  await prismaRepositories(prisma).transaction(async ({ tx }) => {
    runCount += 1
    await tx.tenant.create({ data: { id: 'globex' } })
  }, limits)

  expect(runCount).toBe(1)
  expect(await prisma.tenant.count()).toBe(2)
  await prisma.$disconnect()
})

test('work that ran into a busy store is run again, and its effects happen once', async () => {
  const { prisma } = await temporarySqlite()
  const busy = Object.assign(new Error('Operation has timed out'), {
    name: 'PrismaClientKnownRequestError',
    code: 'P1008',
  })
  let runCount = 0

  await prismaRepositories(prisma).transaction(async ({ tx }) => {
    runCount += 1
    await tx.tenant.create({ data: { id: `globex-${runCount}` } })
    if (runCount === 1) throw busy
  }, limits)

  expect(runCount).toBe(2)
  expect((await prisma.tenant.findMany({ orderBy: { id: 'asc' } })).map(({ id }) => id)).toEqual(['acme', 'globex-2'])
})

test("a refused statement of the user's own comes out of the transaction as it is", async () => {
  const { prisma } = await temporarySqlite()
  let seen: unknown
  const attempt = prismaRepositories(prisma).transaction(
    ({ tx }) =>
      tx.tenant.create({ data: { id: 'acme' } }).catch((error: unknown) => {
        seen = error
        throw error
      }),
    limits,
  )
  const thrown = await attempt.catch((error: unknown) => error)
  expect(thrown).toMatchObject({ code: 'P2002' })
  expect(thrown).toBe(seen)
})

test('a verb outside waits until the open transaction ended, and sees what it committed', async () => {
  const { prisma } = await temporarySqlite()
  const repositories = prismaRepositories(prisma)
  const connection = newConnection({ tenantId: 'acme' })
  let outside: Promise<unknown> | undefined

  await repositories.transaction(async ({ repositories: inside }) => {
    outside = repositories.connections.find({ scope, id: connection.id })
    await inside.connections.create(connection)
  }, limits)

  expect(await outside).toEqual(connection)
})

test('a verb outside that is awaited in a transaction gives up instead of hanging', async () => {
  const { prisma } = await temporarySqlite()
  const repositories = prismaRepositories(prisma, { maxWaitMs: 20 })
  const attempt = repositories.transaction(() => repositories.connections.find({ scope, id: 'x' }), limits)
  await expect(attempt).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  expect(await repositories.connections.find({ scope, id: 'x' })).toBeNull()
})

test("work that awaits the user's outer client is rolled back in time, and the client goes on", async () => {
  const { prisma } = await temporarySqlite()
  let outside: Promise<number> | undefined
  const attempt = prismaRepositories(prisma).transaction(
    async ({ tx }) => {
      await tx.tenant.create({ data: { id: 'globex' } })
      outside = prisma.tenant.count()
      await outside
    },
    { timeoutMs: 100, maxWaitMs: 10_000 },
  )
  await expect(attempt).rejects.toMatchObject({ code: 'HANDLER_TIMEOUT' })
  expect(await outside).toBe(1)
})

test('everybody who uses one client stands in one queue, and maxWaitMs is how long', async () => {
  const { prisma } = await temporarySqlite()
  const [first, second] = [prismaRepositories(prisma), prismaRepositories(prisma)]
  let end = () => {}
  const open = first.transaction(
    () =>
      new Promise<void>((resolve) => {
        end = resolve
      }),
    limits,
  )
  const attempt = second.transaction(async () => {}, { timeoutMs: 10_000, maxWaitMs: 20 })
  await expect(attempt).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
    message: expect.stringContaining('20 ms'),
  })
  end()
  await open
})

test('a transaction inside another one is refused at once, and the outer one goes on', async () => {
  const { prisma } = await temporarySqlite()
  const repositories = prismaRepositories(prisma)
  await repositories.transaction(async ({ tx }) => {
    await expect(repositories.transaction(async () => {}, limits)).rejects.toMatchObject({ code: 'INSIDE_TRANSACTION' })
    await tx.tenant.create({ data: { id: 'globex' } })
  }, limits)
  await repositories.transaction(async ({ tx }) => {
    expect(await tx.tenant.count()).toBe(2)
  }, limits)
})

test('work that never ends is rolled back in time, and the store goes on', async () => {
  const { prisma } = await temporarySqlite()
  const repositories = prismaRepositories(prisma)
  const attempt = repositories.transaction(
    async ({ tx }) => {
      await tx.tenant.create({ data: { id: 'globex' } })
      await new Promise(() => {})
    },
    { timeoutMs: 50, maxWaitMs: 10_000 },
  )
  await expect(attempt).rejects.toMatchObject({
    code: 'HANDLER_TIMEOUT',
    message: expect.stringContaining('transaction.timeoutMs'),
  })
  await repositories.transaction(async ({ tx }) => {
    expect(await tx.tenant.count()).toBe(1)
  }, limits)
})

test('work that goes on after its time was over writes nothing, through our verbs or the handle', async () => {
  const { prisma } = await temporarySqlite()
  const repositories = prismaRepositories(prisma)
  let goOn = () => {}
  const timeIsOver = new Promise<void>((resolve) => {
    goOn = resolve
  })
  let late: Promise<readonly PromiseSettledResult<unknown>[]> | undefined
  const attempt = repositories.transaction(
    async ({ repositories: inside, tx }) => {
      late = timeIsOver.then(() =>
        Promise.allSettled([
          inside.connections.create(newConnection({ tenantId: 'acme' })),
          tx.tenant.create({ data: { id: 'globex' } }),
        ]),
      )
      await late
    },
    { timeoutMs: 50, maxWaitMs: 10_000 },
  )
  await expect(attempt).rejects.toMatchObject({ code: 'HANDLER_TIMEOUT' })
  goOn()
  expect((await late)?.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect([await prisma.connection.count(), await prisma.tenant.count()]).toEqual([0, 1])
})
