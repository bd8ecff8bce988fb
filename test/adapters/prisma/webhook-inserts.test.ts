import { randomUUID } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { PrismaClient } from '../../../generated/prisma-postgresql/client/client.ts'
import { type PrismaRepositoriesOptions, prismaRepositories } from '../../../src/adapters/prisma/prisma-repositories.ts'
import { newWebhookEvent } from '../../../src/testing/new-webhook-event.ts'
import { createPostgresDatabase } from '../../support/postgres-database.ts'

const owner = { tenantId: 'acme', connectionId: randomUUID() }
const statement = /^INSERT INTO "connectors_webhook_event" AS known/

/** Repositories whose statements are known, after the first delivery, which Prisma inserts. */
async function opened({ url, ...options }: PrismaRepositoriesOptions & { readonly url?: string } = {}) {
  const database = await createPostgresDatabase()
  const statements: string[] = []
  const prisma = new PrismaClient({
    adapter: new PrismaPg({ connectionString: `${database.url}${url ?? ''}` }, { schema: 'public' }),
    log: [{ emit: 'event', level: 'query' }],
  })
  prisma.$on('query', ({ query }) => statements.push(query))
  onTestFinished(async () => {
    await prisma.$disconnect()
    await database.drop()
  })
  const { webhookEvents } = prismaRepositories(prisma, options)
  await webhookEvents.insertIfAbsent(newWebhookEvent(owner))
  await new Promise((resolve) => setImmediate(resolve)) // they are told a moment later
  statements.length = 0
  const own = async () => {
    await new Promise((resolve) => setImmediate(resolve))
    return statements.filter((text) => statement.test(text)).length
  }
  return { prisma, webhookEvents, own, database }
}

test('deliveries that arrive together are inserted by one statement, and read back as they were', async () => {
  const { webhookEvents, own } = await opened()
  const events = Array.from({ length: 20 }, (_, index) =>
    newWebhookEvent({
      ...owner,
      rawBody: new Uint8Array([0, 255, index]),
      payload: { text: 'ä "\\ \u2028', list: [1.5, null, true, { deep: -0.1 }] },
      orderKey: index % 2 === 0 ? null : 'a'.repeat(32),
      claimExpiresAt: new Date('2026-03-29T01:30:00.123Z'),
    }),
  )
  const inserted = await Promise.all(events.map(webhookEvents.insertIfAbsent))
  expect(inserted).toEqual(events.map((event) => ({ isNew: true, event })))
  expect(await own()).toBe(1)
  for (const event of events) {
    expect(await webhookEvents.find({ scope: { kind: 'operator' }, id: event.id })).toEqual(event)
  }
})

test('of equal deliveries that arrive together one is new, and all answer the stored row', async () => {
  const { webhookEvents } = await opened()
  const event = newWebhookEvent({ ...owner, payload: null, availableAt: null })
  const equal = [event, ...Array.from({ length: 5 }, () => ({ ...event, id: newWebhookEvent(owner).id }))]
  const inserted = await Promise.all(equal.map(webhookEvents.insertIfAbsent))
  const first = inserted.filter(({ isNew }) => isNew).map((one) => one.event)
  expect(first).toHaveLength(1)
  // The order in which they got there is nobody's business.
  const byCount = inserted.map((one) => one.event).toSorted((a, b) => a.deliveries - b.deliveries)
  expect(byCount).toEqual([1, 2, 3, 4, 5, 6].map((deliveries) => ({ ...first[0], deliveries })))
})

test('a row that the database refuses fails alone', async () => {
  const { webhookEvents } = await opened()
  const [good, taken, alsoGood] = [newWebhookEvent(owner), newWebhookEvent(owner), newWebhookEvent(owner)]
  await webhookEvents.insertIfAbsent(taken)
  const bad = newWebhookEvent({ ...owner, id: taken.id })
  const outcomes = await Promise.allSettled([good, bad, alsoGood].map(webhookEvents.insertIfAbsent))
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})

test('nobody is answered before the commit', async () => {
  const { webhookEvents, database } = await opened()
  const event = newWebhookEvent(owner)
  await webhookEvents.insertIfAbsent(event)
  const holder = new pg.Client({ connectionString: database.url })
  await holder.connect()
  onTestFinished(() => holder.end())
  await holder.query('BEGIN')
  await holder.query('UPDATE connectors_webhook_event SET attempts = 0 WHERE id = $1', [event.id])
  let isAnswered = false
  const fresh = webhookEvents.insertIfAbsent(newWebhookEvent(owner)).finally(() => {
    isAnswered = true
  })
  const behindTheLock = webhookEvents.insertIfAbsent({ ...event, id: randomUUID().replaceAll('-', '') })
  for (let waiting = 0; waiting === 0; ) {
    const { rows } = await holder.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
    waiting = rows[0]?.count ?? 0
  }
  // The statement has inserted the one and waits for the other.
  expect(isAnswered).toBe(false)
  await holder.query('ROLLBACK')
  expect(await Promise.all([fresh, behindTheLock])).toMatchObject([{ isNew: true }, { isNew: false }])
})

test('where connections look for tables in another schema than Prisma does, Prisma goes on inserting', async () => {
  const { webhookEvents, own, prisma } = await opened({ url: '?options=-c%20search_path%3Delsewhere' })
  await Promise.all([newWebhookEvent(owner), newWebhookEvent(owner)].map(webhookEvents.insertIfAbsent))
  expect(await own()).toBe(0)
  expect(await prisma.webhookEvent.count()).toBe(3)
})

test('who wants to see every insert of the model does', async () => {
  const { webhookEvents, own } = await opened({ insertTogether: false })
  await Promise.all([newWebhookEvent(owner), newWebhookEvent(owner)].map(webhookEvents.insertIfAbsent))
  expect(await own()).toBe(0)
})
