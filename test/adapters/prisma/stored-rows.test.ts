import { expect, test } from 'vitest'
import { prismaRepositories } from '../../../src/adapters/prisma/prisma-repositories.ts'
import { instant } from '../../../src/testing/instant.ts'
import { newConnection } from '../../../src/testing/new-connection.ts'
import { newExecutionLog } from '../../../src/testing/new-execution-log.ts'
import { newWebhookEvent } from '../../../src/testing/new-webhook-event.ts'
import { temporarySqlite } from '../../support/temporary-sqlite.ts'

const scope = { kind: 'operator' } as const
const lease = { id: 'state', owner: 'me', at: instant(0), leaseMs: 1_000, clockSkewMs: 0, begin: 'resume' } as const

test('a payload of null is SQL NULL in the database, and null again when read', async () => {
  const { prisma } = await temporarySqlite()
  const { webhookEvents } = prismaRepositories(prisma)
  const event = newWebhookEvent({ tenantId: 'acme', connectionId: 'c', payload: null })
  expect((await webhookEvents.insertIfAbsent(event)).event.payload).toBeNull()
  expect(await prisma.$queryRaw`SELECT typeof(payload) AS type FROM connectors_webhook_event`).toEqual([
    { type: 'null' },
  ])
})

test('a body that is a window on a larger buffer is stored as just these bytes', async () => {
  const { prisma } = await temporarySqlite()
  const { webhookEvents } = prismaRepositories(prisma)
  const rawBody = Buffer.from('before|body|after').subarray(7, 11)
  const { event } = await webhookEvents.insertIfAbsent(
    newWebhookEvent({ tenantId: 'acme', connectionId: 'c', rawBody }),
  )
  expect(Buffer.from(event.rawBody).toString()).toBe('body')
})

test('text with NUL is stored whole, without the NUL', async () => {
  const { prisma } = await temporarySqlite()
  const { executionLogs } = prismaRepositories(prisma)
  await executionLogs.appendMany([newExecutionLog({ tenantId: 'acme', connectionId: 'c', error: 'before\0after' })])
  const { items } = await executionLogs.list({ scope, filter: {}, limit: 10 })
  expect(items.map(({ error }) => error)).toEqual(['beforeafter'])
})

test('deleting a connection row takes its sync states along, and leaves deliveries and audit trail', async () => {
  const { prisma } = await temporarySqlite()
  const { connections, syncStates, webhookEvents, executionLogs } = prismaRepositories(prisma)
  const connection = newConnection({ tenantId: 'acme' })
  const owner = { tenantId: 'acme', connectionId: connection.id }
  await connections.create(connection)
  await syncStates.acquire({ ...owner, resourceType: 'issues' }, lease)
  await webhookEvents.insertIfAbsent(newWebhookEvent(owner))
  await executionLogs.appendMany([newExecutionLog(owner)])

  await prisma.tenant.delete({ where: { id: 'acme' } })

  expect(await Promise.all([prisma.connection.count(), prisma.syncState.count()])).toEqual([0, 0])
  expect(await Promise.all([prisma.webhookEvent.count(), prisma.executionLog.count()])).toEqual([1, 1])
})

test("a sync state can't be begun on the connection of another tenant, or on none", async () => {
  const { prisma } = await temporarySqlite()
  const { connections, syncStates } = prismaRepositories(prisma)
  const connection = newConnection({ tenantId: 'acme' })
  await connections.create(connection)
  for (const ref of [
    { tenantId: 'globex', connectionId: connection.id, resourceType: 'issues' },
    { tenantId: 'acme', connectionId: 'none', resourceType: 'issues' },
  ]) {
    await expect(syncStates.acquire(ref, lease)).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
  }
  expect(await prisma.syncState.count()).toBe(0)
})
