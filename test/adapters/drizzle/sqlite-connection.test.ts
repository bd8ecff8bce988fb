import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { eq } from 'drizzle-orm'
import { expect, onTestFinished, test } from 'vitest'
import { drizzleRepositories } from '../../../src/adapters/drizzle/drizzle-repositories.ts'
import { newConnection } from '../../../src/testing/new-connection.ts'
import { drizzleSqlite, openDrizzleSqlite, tables, tenants } from '../../support/drizzle-sqlite.ts'

const limits = { timeoutMs: 20_000, maxWaitMs: 20_000 }

async function open() {
  const opened = await drizzleSqlite()
  onTestFinished(opened.drop)
  await opened.db.insert(tenants).values({ id: 'acme' })
  const ids = async () => (await opened.db.select().from(tenants)).map(({ id }) => id).sort()
  return { ...opened, ids, repositories: drizzleRepositories(opened.db, { tables }) }
}

test('a statement of somebody else waits for the open transaction, and is no part of it', async () => {
  const { db, ids, repositories } = await open()
  let outside: Promise<unknown> = Promise.resolve()
  const call = repositories.transaction(async ({ tx }) => {
    await tx.insert(tenants).values({ id: 'inside' })
    outside = db.insert(tenants).values({ id: 'outside' }).execute()
    await tx.select().from(tenants)
    throw new Error('roll back')
  }, limits)
  await expect(call).rejects.toThrow('roll back')
  await outside
  expect(await ids()).toEqual(['acme', 'outside'])
})

test('a transaction that the user opens waits for its turn too', async () => {
  const { db, ids, repositories } = await open()
  await Promise.all([
    repositories.transaction(({ tx }) => tx.insert(tenants).values({ id: 'ours' }), limits),
    db.transaction((tx) => tx.insert(tenants).values({ id: 'theirs' })),
    db.insert(tenants).values({ id: 'plain' }),
  ])
  expect(await ids()).toEqual(['acme', 'ours', 'plain', 'theirs'])
})

test('a handler that waits for the outer database is rolled back when its time is over', async () => {
  const { db, ids, repositories } = await open()
  const call = repositories.transaction(
    async ({ tx }) => {
      await tx.insert(tenants).values({ id: 'inside' })
      await db.select().from(tenants)
    },
    { timeoutMs: 200, maxWaitMs: 1_000 },
  )
  await expect(call).rejects.toMatchObject({ code: 'HANDLER_TIMEOUT' })
  expect(await ids()).toEqual(['acme'])
})

test('no turn within maxWaitMs is STORE_UNAVAILABLE, and the work is not run when one comes later', async () => {
  const { db, repositories } = await open()
  let runs = 0
  let end = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const long = db.transaction(() => ended)
  const call = repositories.transaction(
    async () => {
      runs += 1
    },
    { timeoutMs: 1_000, maxWaitMs: 100 },
  )
  await expect(call).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', message: expect.stringContaining('maxWaitMs') })
  end()
  await long
  await db.select().from(tenants) // comes after the transaction that nobody waits for any more
  expect(runs).toBe(0)
})

test('transactions leave no file handles behind', async () => {
  const { repositories } = await open()
  const handles = async () => (await readdir('/proc/self/fd')).length
  await repositories.transaction(({ tx }) => tx.select().from(tenants), limits)
  const before = await handles()
  for (let count = 0; count < 50; count += 1) {
    await repositories.transaction(({ tx }) => tx.select().from(tenants), limits)
  }
  expect(await handles()).toBeLessThan(before + 10)
})

// Another process that holds the write lock until it is told to go on.
const holder = `
import { createClient } from '@libsql/client'
const client = createClient({ url: process.argv[1] })
const transaction = await client.transaction('write')
await transaction.execute("insert into Tenant (id) values ('elsewhere')")
process.stdout.write('held')
process.stdin.once('data', async () => { await transaction.commit(); process.exit(0) })
`

test('a file that another process has locked is tried again until it is free', async () => {
  const { file, ids } = await open()
  // Impatient, so that the waiting is ours and this process can tell the other one to go on.
  const db = openDrizzleSqlite(file, { timeout: 1 })
  onTestFinished(() => db.$client.close())
  const repositories = drizzleRepositories(db, { tables })
  const other = spawn(process.execPath, ['--input-type=module', '-e', holder, `file:${file}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void other.kill())
  await once(other.stdout, 'data')
  const call = repositories.transaction(({ tx }) => tx.insert(tenants).values({ id: 'here' }), limits)
  const plain = repositories.connections.create(newConnection({ tenantId: 'acme' }))
  setTimeout(() => other.stdin.write('go on'), 100)
  await Promise.all([call, plain])
  expect(await ids()).toEqual(['acme', 'elsewhere', 'here'])
  // And the lock was given back.
  await repositories.transaction(({ tx }) => tx.delete(tenants).where(eq(tenants.id, 'here')), limits)
  expect(await ids()).toEqual(['acme', 'elsewhere'])
})
