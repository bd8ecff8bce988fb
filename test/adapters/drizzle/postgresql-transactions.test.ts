import { eq, sql } from 'drizzle-orm'
import { afterAll, expect, test } from 'vitest'
import { drizzleRepositories } from '../../../src/adapters/drizzle/drizzle-repositories.ts'
import { instant } from '../../../src/testing/instant.ts'
import { newConnection } from '../../../src/testing/new-connection.ts'
import { newId } from '../../../src/testing/new-id.ts'
import { newWebhookEvent } from '../../../src/testing/new-webhook-event.ts'
import { drizzlePostgresql, tables, tenants } from '../../support/drizzle-postgresql.ts'

const { db, pool, open, drop } = await drizzlePostgresql()
afterAll(drop)

const repositories = drizzleRepositories(db, { tables })
const limits = { timeoutMs: 20_000, maxWaitMs: 20_000 }
const exists = async (id: string) => (await db.select().from(tenants).where(eq(tenants.id, id))).length === 1

/** A promise and the function that fulfils it. */
function signal(): { readonly come: Promise<void>; readonly give: () => void } {
  let give = () => {}
  const come = new Promise<void>((resolve) => {
    give = resolve
  })
  return { come, give }
}

test('a statement that is still running when the time is over is ended on the server, and rolled back', async () => {
  const id = newId()
  const started = performance.now()
  const call = repositories.transaction(
    async ({ tx }) => {
      await tx.insert(tenants).values({ id })
      await tx.execute(sql`select pg_sleep(30)`)
    },
    { timeoutMs: 300, maxWaitMs: 5_000 },
  )
  await expect(call).rejects.toMatchObject({ code: 'HANDLER_TIMEOUT' })
  expect(performance.now() - started).toBeLessThan(10_000)
  const { rows } = await pool.query(
    "select 1 from pg_stat_activity where datname = current_database() and query like '%pg_sleep(30)%' and state = 'active' and pid <> pg_backend_pid()",
  )
  expect(rows).toEqual([])
  expect(await exists(id)).toBe(false)
})

test('the limits of a transaction do not outlive it on its connection', async () => {
  const single = open({ max: 1 })
  const alone = drizzleRepositories(single.db, { tables })
  const shown = async () => (await single.pool.query('show statement_timeout')).rows
  const before = await shown()
  const inside = await alone.transaction(async ({ tx }) => (await tx.execute(sql`show statement_timeout`)).rows, limits)
  expect(inside).not.toEqual(before)
  expect(await shown()).toEqual(before)
})

test('a handler that was given up can write nothing any more, neither through our verbs nor through tx', async () => {
  const [early, late] = [newId(), newId()]
  const asleep = signal()
  let abandoned: Promise<unknown> = Promise.resolve()
  const call = repositories.transaction(
    ({ tx }) => {
      const work = async () => {
        await tx.insert(tenants).values({ id: early })
        await asleep.come
        await tx.insert(tenants).values({ id: late })
      }
      abandoned = work()
      return abandoned
    },
    { timeoutMs: 200, maxWaitMs: 5_000 },
  )
  await expect(call).rejects.toMatchObject({ code: 'HANDLER_TIMEOUT' })
  asleep.give()
  await expect(abandoned).rejects.toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining('is over') })
  expect([await exists(early), await exists(late)]).toEqual([false, false])
})

test('a failure that the handler swallowed is not taken for a commit', async () => {
  const id = newId()
  const call = repositories.transaction(async ({ tx }) => {
    await tx.insert(tenants).values({ id })
    await tx.execute(sql`select 1 / 0`).catch(() => {})
  }, limits)
  await expect(call).rejects.toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining('savepoint') })
  expect(await exists(id)).toBe(false)
})

test('with a savepoint of its own a handler may go on after a refused statement', async () => {
  const id = newId()
  await repositories.transaction(async ({ tx }) => {
    await tx.insert(tenants).values({ id })
    await tx.transaction((savepoint) => savepoint.insert(tenants).values({ id })).catch(() => {})
  }, limits)
  expect(await exists(id)).toBe(true)
})

test('a lost connection is never tried again, and does not end the process', async () => {
  const id = newId()
  let runs = 0
  const call = repositories.transaction(async ({ tx }) => {
    runs += 1
    await tx.insert(tenants).values({ id })
    const { rows } = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`)
    const gone = signal()
    // The client says so by an event between two statements: nobody else may have to listen.
    const { client } = (tx as object as { session: { client: NodeJS.EventEmitter } }).session
    client.once('end', gone.give)
    await db.execute(sql`select pg_terminate_backend(${rows[0]?.pid ?? 0})`)
    await gone.come
  }, limits)
  await expect(call).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  expect(runs).toBe(1)
  expect(await exists(id)).toBe(false)
})

test('what the handler throws comes out as it is, even if its connection is lost and can not be rolled back', async () => {
  const boom = new Error('the handler failed')
  const call = repositories.transaction(async ({ tx }) => {
    await tx.execute(sql`select pg_terminate_backend(pg_backend_pid())`).catch(() => {})
    throw boom
  }, limits)
  await expect(call).rejects.toBe(boom)
})

test('of two transactions in a deadlock one is run again, and the effects of both happen once', async () => {
  const ids = [newId(), newId()]
  await db.insert(tenants).values(ids.map((id) => ({ id })))
  const counted = newConnection({ tenantId: ids[0] ?? '' })
  await repositories.connections.create(counted)
  const failure = {
    at: instant(1),
    reason: 'refused',
    threshold: 100,
    credentialsVersion: counted.credentialsVersion,
    disconnect: false,
    needsReauthorization: false,
  }
  let runs = 0
  const holding = [signal(), signal()]
  const lockBoth = (mine: number, other: number) =>
    repositories.transaction(async ({ tx, repositories: inside }) => {
      runs += 1
      const lock = (index: number) =>
        tx
          .select()
          .from(tenants)
          .where(eq(tenants.id, ids[index] ?? ''))
          .for('update')
      await lock(mine)
      holding[mine]?.give()
      await holding[other]?.come
      await lock(other)
      await inside.connections.recordAuthFailure(counted, failure)
    }, limits)
  await Promise.all([lockBoth(0, 1), lockBoth(1, 0)])
  expect(runs).toBeGreaterThan(2)
  const after = await repositories.connections.find({ scope: { kind: 'operator' }, id: counted.id })
  expect(after?.authFailureCount).toBe(2)
})

test('no connection within maxWaitMs is STORE_UNAVAILABLE, and the work is not run when one comes later', async () => {
  const single = open({ max: 1 })
  const alone = drizzleRepositories(single.db, { tables })
  const taken = await single.pool.connect()
  let runs = 0
  const call = alone.transaction(
    async () => {
      runs += 1
    },
    { timeoutMs: 5_000, maxWaitMs: 100 },
  )
  await expect(call).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', message: expect.stringContaining('maxWaitMs') })
  taken.release()
  await single.pool.query('select 1') // comes after the transaction that nobody waits for any more
  expect(runs).toBe(0)
  expect(single.pool.idleCount).toBe(1)
})

test('transactions are read committed, whatever the default of the database', async () => {
  const strict = open({ max: 1, options: '-c default_transaction_isolation=serializable' })
  const { rows } = await drizzleRepositories(strict.db, { tables }).transaction(
    ({ tx }) => tx.execute(sql`show transaction_isolation`),
    limits,
  )
  expect(rows).toEqual([{ transaction_isolation: 'read committed' }])
})

test('of 16 rejected deliveries at once no more are kept than the limit says', async () => {
  const tenantId = newId()
  await db.insert(tenants).values({ id: tenantId })
  const connection = newConnection({ tenantId })
  await repositories.connections.create(connection)
  const kept = await Promise.all(
    Array.from({ length: 16 }, () =>
      repositories.webhookEvents.keepRejected(
        newWebhookEvent({ tenantId, connectionId: connection.id, status: 'rejected', createdAt: instant(5) }),
        { since: instant(0), limit: 3 },
      ),
    ),
  )
  expect(kept.filter((isKept) => isKept)).toHaveLength(3)
})

test('a connection on which no transaction can begin goes back to the pool, which makes a new one', async () => {
  const single = open({ max: 1, connectionTimeoutMillis: 2_000 })
  const alone = drizzleRepositories(single.db, { tables })
  const connection = await single.pool.connect()
  // In a transaction that PostgreSQL gave up, BEGIN fails.
  await connection.query('begin')
  await expect(connection.query('select 1/0')).rejects.toThrow('division by zero')
  connection.release()
  const begin = () => alone.transaction(async () => 'begun', { timeoutMs: 5_000, maxWaitMs: 5_000 })
  await expect(begin()).rejects.toMatchObject({ code: 'STORE_FAILED' })
  expect(await begin()).toBe('begun')
  expect(single.pool.idleCount).toBe(1)
})
