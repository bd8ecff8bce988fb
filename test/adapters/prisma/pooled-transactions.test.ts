import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { prismaRepositories } from '../../../src/adapters/prisma/prisma-repositories.ts'
import { newConnection } from '../../../src/testing/new-connection.ts'
import { newWebhookEvent } from '../../../src/testing/new-webhook-event.ts'
import { pooledDatabases } from '../../support/pooled-databases.ts'
import type { TestDatabase } from '../../support/postgres-database.ts'
import { tcpProxy } from '../../support/tcp-proxy.ts'

const limits = { timeoutMs: 20_000, maxWaitMs: 10_000 }
const scope = { kind: 'operator' } as const

/** A promise, and what fulfils it. */
function gate() {
  let open = () => {}
  const isOpen = new Promise<void>((resolve) => {
    open = resolve
  })
  return { isOpen, open }
}

for (const { name, missing, create, connect } of pooledDatabases) {
  const title = missing === null ? name : `${name} (skipped: ${missing})`
  describe.skipIf(missing !== null)(title, () => {
    let database: TestDatabase
    beforeAll(async () => {
      database = await create()
    })
    afterAll(() => database.drop())

    /** A client with tenants that nobody else has. */
    async function open(pool?: Parameters<typeof connect>[1]) {
      const prisma = connect(database.url, pool)
      const tenants = [randomUUID(), randomUUID()] as const
      await prisma.tenant.createMany({ data: tenants.map((id) => ({ id })) })
      const rename = (tx: Pick<typeof prisma, 'tenant'>, id: string, to: string) =>
        tx.tenant.update({ where: { id }, data: { name: to } })
      const nameOf = async (id: string) => (await prisma.tenant.findUniqueOrThrow({ where: { id } })).name
      return { prisma, tenants, rename, nameOf, repositories: prismaRepositories(prisma) }
    }

    test('of two transactions that block each other the victim is run again, and all effects happen once', async () => {
      const { repositories, tenants, prisma } = await open()
      const bothHoldOne = [gate(), gate()] as const
      const runs = [0, 0]
      // In one statement: what was read before the other one committed would overwrite what it wrote.
      const table = name === 'MariaDB' ? '`Tenant`' : '"Tenant"'
      const append = (tx: Pick<typeof prisma, '$executeRawUnsafe'>, id: string, mark: string) =>
        tx.$executeRawUnsafe(`UPDATE ${table} SET name = concat(name, '${mark}') WHERE id = '${id}'`)
      await Promise.all(
        ([0, 1] as const).map((me) =>
          repositories.transaction(async ({ tx }) => {
            runs[me] = (runs[me] ?? 0) + 1
            await append(tx, tenants[me], String(me))
            bothHoldOne[me].open()
            await Promise.all(bothHoldOne.map(({ isOpen }) => isOpen))
            await append(tx, tenants[1 - me] ?? '', String(me))
          }, limits),
        ),
      )
      expect(runs.toSorted()).toEqual([1, 2])
      for (const id of tenants) {
        expect((await prisma.tenant.findUniqueOrThrow({ where: { id } })).name).toHaveLength(2)
      }
    })

    test('somebody who never gives up a lock is waited for once more, not eleven times', async () => {
      const { repositories, tenants, rename, prisma } = await open()
      const [holding, done] = [gate(), gate()]
      const holder = repositories.transaction(async ({ tx }) => {
        await rename(tx, tenants[0], 'held')
        holding.open()
        await done.isOpen
      }, limits)
      await holding.isOpen
      let runCount = 0
      const attempt = repositories.transaction(async ({ tx }) => {
        runCount += 1
        const limit = name === 'MariaDB' ? 'SET innodb_lock_wait_timeout = 1' : `SET LOCAL lock_timeout = '200ms'`
        await tx.$executeRawUnsafe(limit)
        await rename(tx, tenants[0], 'mine')
      }, limits)
      await expect(attempt).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
      expect(runCount).toBe(2)
      done.open()
      await holder
      expect(await prisma.tenant.count({ where: { name: 'mine' } })).toBe(0)
    })

    test('behind a foreign lock HANDLER_TIMEOUT comes in time, and nothing is written later', async () => {
      const { repositories, tenants, rename, nameOf } = await open()
      const [holding, done] = [gate(), gate()]
      const holder = repositories.transaction(async ({ tx }) => {
        await rename(tx, tenants[0], 'held')
        holding.open()
        await done.isOpen
      }, limits)
      await holding.isOpen
      const attempt = repositories.transaction(
        async ({ tx }) => {
          await rename(tx, tenants[1], 'mine')
          await rename(tx, tenants[0], 'mine')
        },
        { timeoutMs: 100, maxWaitMs: 10_000 },
      )
      // Only now may the holder go on: whoever waited for it would wait for ever.
      await expect(attempt).rejects.toMatchObject({
        code: 'HANDLER_TIMEOUT',
        message: expect.stringContaining('100 ms'),
      })
      done.open()
      await holder
      expect([await nameOf(tenants[0]), await nameOf(tenants[1])]).toEqual(['held', ''])
    })

    test('a transaction that gets no connection within maxWaitMs is STORE_UNAVAILABLE, and the pool goes on', async () => {
      const { repositories } = await open({ max: 1 })
      const [holding, done] = [gate(), gate()]
      const holder = repositories.transaction(async () => {
        holding.open()
        await done.isOpen
      }, limits)
      await holding.isOpen
      const attempt = repositories.transaction(async () => {}, { timeoutMs: 10_000, maxWaitMs: 50 })
      await expect(attempt).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
      done.open()
      await holder
      expect(await repositories.transaction(async ({ tx }) => tx.tenant.count(), limits)).toBeGreaterThan(0)
    })

    test('a transaction inside another one is refused at once, and the outer one goes on', async () => {
      const { repositories, tenants, rename, nameOf } = await open({ max: 1 })
      await repositories.transaction(async ({ tx }) => {
        const inner = repositories.transaction(async () => {}, limits)
        await expect(inner).rejects.toMatchObject({ code: 'INSIDE_TRANSACTION' })
        await rename(tx, tenants[0], 'outer')
      }, limits)
      expect(await nameOf(tenants[0])).toBe('outer')
    })

    test('a connection that is killed in the middle is STORE_UNAVAILABLE, and the work is not run again', async () => {
      const { repositories, tenants, rename, nameOf } = await open()
      const connection = newConnection({ tenantId: tenants[0] })
      let runCount = 0
      const attempt = repositories.transaction(async ({ tx, repositories: inside }) => {
        runCount += 1
        await rename(tx, tenants[0], 'lost')
        const kill = name === 'MariaDB' ? 'KILL CONNECTION_ID()' : 'SELECT pg_terminate_backend(pg_backend_pid())'
        await tx.$queryRawUnsafe(kill).catch(() => {})
        await inside.connections.create(connection)
      }, limits)
      await expect(attempt).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
      expect(runCount).toBe(1)
      expect(await nameOf(tenants[0])).toBe('')
      expect(await repositories.connections.find({ scope, id: connection.id })).toBeNull()
    })

    test('a COMMIT whose answer is lost is STORE_UNAVAILABLE: it may have happened, and the work is not run again', async () => {
      const { hostname, port } = new URL(database.url)
      const proxy = await tcpProxy(hostname, Number(port))
      const url = new URL(database.url)
      url.port = String(proxy.port)
      const { nameOf, rename, tenants } = await open()
      const repositories = prismaRepositories(connect(url.href))
      await repositories.connections.find({ scope, id: 'none' })
      proxy.cutAnswersTo('COMMIT')
      let runCount = 0
      const attempt = repositories.transaction(async ({ tx }) => {
        runCount += 1
        await rename(tx, tenants[0], 'committed')
      }, limits)
      await expect(attempt).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', cause: expect.any(Error) })
      expect(runCount).toBe(1)
      // The server may be a moment behind.
      await expect.poll(() => nameOf(tenants[0])).toBe('committed')
      await proxy.close()
    })

    test('a server that cannot be reached is STORE_UNAVAILABLE', async () => {
      const url = new URL(database.url)
      url.port = '1'
      const repositories = prismaRepositories(connect(url.href, { acquireMs: 200 }))
      const attempts = [
        repositories.connections.find({ scope, id: 'none' }),
        repositories.transaction(async () => {}, limits),
      ]
      for (const result of await Promise.allSettled(attempts)) {
        expect(result).toMatchObject({ status: 'rejected', reason: { code: 'STORE_UNAVAILABLE' } })
      }
    })

    test('a tenant that does not exist is INVALID_INPUT and named, and leaves the transaction around it whole', async () => {
      const { repositories, tenants } = await open()
      const secret = 'v1.key.nonce.planted-secret'
      const refused = newConnection({ tenantId: 'nobody', credentialsEncrypted: secret })
      const connection = newConnection({ tenantId: tenants[0] })
      await repositories.transaction(async ({ repositories: inside }) => {
        const error = await inside.connections.create(refused).catch((thrown: unknown) => thrown)
        expect(error).toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('no tenant nobody') })
        expect(String(error)).not.toContain(secret)
        await inside.connections.create(connection)
      }, limits)
      await expect(repositories.connections.create(refused)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
      expect(await repositories.connections.find({ scope, id: connection.id })).toEqual(connection)
    })

    test('a key that is taken is CONFLICT, and leaves the transaction around it whole', async () => {
      const { repositories, tenants, rename, nameOf } = await open()
      const at = new Date('2026-01-01T00:00:00.000Z')
      const state = {
        id: randomUUID(),
        tenantId: tenants[0],
        providerFamily: 'code',
        providerName: 'github',
        contextEncrypted: 'sealed',
        expiresAt: at,
        createdAt: at,
      }
      await repositories.oauthStates.create(state)
      await repositories.transaction(async ({ tx, repositories: inside }) => {
        await expect(inside.oauthStates.create(state)).rejects.toMatchObject({ code: 'CONFLICT' })
        expect(await inside.oauthStates.consume({ id: 'none', at })).toBeNull()
        await rename(tx, tenants[0], 'after')
      }, limits)
      expect(await nameOf(tenants[0])).toBe('after')
    })

    test("the error of a user's own statement comes out as it is, and nothing is committed", async () => {
      const { repositories, tenants, rename, nameOf } = await open()
      let seen: unknown
      const attempt = repositories.transaction(async ({ tx }) => {
        await rename(tx, tenants[0], 'never')
        await tx.tenant.create({ data: { id: tenants[1] } }).catch((error: unknown) => {
          seen = error
          throw error
        })
      }, limits)
      const thrown = await attempt.catch((error: unknown) => error)
      expect(thrown).toMatchObject({ code: 'P2002' })
      expect(thrown).toBe(seen)
      expect(await nameOf(tenants[0])).toBe('')
    })

    test("the error of a user's own statement, caught: committed in full, or an error", async () => {
      const { repositories, tenants, nameOf } = await open()
      const attempt = repositories.transaction(async ({ tx }) => {
        // A write that found its row shows that the transaction is alive, until something follows.
        await tx.tenant.updateMany({ where: { id: tenants[0] }, data: { name: 'first' } })
        await tx.tenant.create({ data: { id: tenants[1] } }).catch(() => {})
      }, limits)
      if (name === 'MariaDB') await attempt
      // It answers COMMIT with success, and has rolled back.
      else
        await expect(attempt).rejects.toMatchObject({
          code: 'STORE_FAILED',
          message: expect.stringContaining('caught'),
        })
      expect(await nameOf(tenants[0])).toBe(name === 'MariaDB' ? 'first' : '')
    })

    test('a deadlock whose error is caught is an error: part of the work is gone', async () => {
      const { repositories, tenants, rename } = await open()
      const bothHoldOne = [gate(), gate()] as const
      const results = await Promise.allSettled(
        ([0, 1] as const).map((me) =>
          repositories.transaction(async ({ tx }) => {
            await rename(tx, tenants[me], String(me))
            bothHoldOne[me].open()
            await Promise.all(bothHoldOne.map(({ isOpen }) => isOpen))
            await rename(tx, tenants[1 - me] ?? '', String(me)).catch(() => {})
          }, limits),
        ),
      )
      expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
      const refused = results.find(({ status }) => status === 'rejected')
      expect(refused).toMatchObject({ reason: { code: 'STORE_FAILED', message: expect.stringContaining('caught') } })
    })

    test('of 16 rejected deliveries at once no more are kept than the quota allows', async () => {
      const { repositories, tenants } = await open()
      const connection = newConnection({ tenantId: tenants[0] })
      await repositories.connections.create(connection)
      const kept = await Promise.all(
        Array.from({ length: 16 }, () => {
          const event = newWebhookEvent({ tenantId: tenants[0], connectionId: connection.id, status: 'rejected' })
          return repositories.webhookEvents.keepRejected(event, { since: event.createdAt, limit: 5 })
        }),
      )
      expect(kept.filter(Boolean)).toHaveLength(5)
    })
  })
}
