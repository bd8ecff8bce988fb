import { PrismaLibSql } from '@prisma/adapter-libsql'
import { expect, test } from 'vitest'
import { PrismaClient } from '../../../generated/prisma-sqlite/client/client.ts'
import { prismaRepositories } from '../../../src/adapters/prisma/prisma-repositories.ts'
import { instant } from '../../../src/testing/instant.ts'
import { newConnection } from '../../../src/testing/new-connection.ts'
import { newWebhookEvent } from '../../../src/testing/new-webhook-event.ts'
import { temporarySqlite } from '../../support/temporary-sqlite.ts'

test('every query of every verb walks along an index: no table is scanned or sorted', async () => {
  const { file } = await temporarySqlite()
  const prisma = new PrismaClient({
    adapter: new PrismaLibSql({ url: `file:${file}`, timeout: 5_000 }),
    log: [{ emit: 'event', level: 'query' }],
  })
  const statements = new Map<string, unknown[]>()
  prisma.$on('query', ({ query, params }) => statements.set(query, JSON.parse(params) as unknown[]))
  const { connections, syncStates, webhookEvents, executionLogs, oauthStates } = prismaRepositories(prisma)

  const at = instant(0)
  const connection = newConnection({ tenantId: 'acme' })
  const connectionId = connection.id
  const ref = { tenantId: 'acme', id: connectionId }
  const stateRef = { tenantId: 'acme', connectionId, resourceType: 'issues' }
  const event = newWebhookEvent({ tenantId: 'acme', connectionId })
  const lease = { id: 'state', owner: 'me', at, leaseMs: 1_000, clockSkewMs: 0, begin: 'resume' } as const
  await connections.create(connection)
  await connections.update(ref, { at, expectedVersion: 1, patch: { displayName: 'GitHub' } })
  await connections.recordAuthFailure(ref, {
    at,
    reason: '',
    threshold: 3,
    credentialsVersion: 1,
    disconnect: false,
    needsReauthorization: false,
  })
  await connections.markConnected(ref, { at, startedAt: at, credentialsVersion: 1, appliesToDisabled: true })
  await connections.enable({ ...ref, id: 'none' }, { at })
  await connections.dueForRefresh({ at, limit: 10 })
  await oauthStates.list({ limit: 10 })
  await oauthStates.list({ limit: 10, after: 'state' })
  await oauthStates.prune({ expiredBefore: at, limit: 10 })
  await syncStates.acquire(stateRef, lease)
  await syncStates.acquire(stateRef, lease)
  await syncStates.commit(stateRef, {
    fence: 1,
    revision: 0,
    at,
    cursor: null,
    trail: null,
    itemCount: 1,
    complete: true,
  })
  await syncStates.schedule(stateRef, { id: 'state', at, schedule: '{"everyMs":60000}', dueAt: at })
  await syncStates.due({ at, clockSkewMs: 0, limit: 1, perTenant: 1 })
  await syncStates.moveDue(stateRef, { at, from: at, to: at })
  await webhookEvents.insertIfAbsent(event)
  await webhookEvents.claim(event, { at, leaseMs: 1_000, handled: 'all' })
  const ordered = newWebhookEvent({ tenantId: 'acme', connectionId, orderKey: 'order' })
  await webhookEvents.insertIfAbsent(ordered)
  const handled = { types: ['issues.opened'], groups: ['issue_'] }
  await webhookEvents.claim(ordered, { at, leaseMs: 1_000, handled })
  await webhookEvents.complete(event, { attempt: 1, at })
  for (const orderKey of ['a', 'b', null]) {
    await webhookEvents.insertIfAbsent(newWebhookEvent({ tenantId: 'acme', connectionId, orderKey }))
  }
  await webhookEvents.keepRejected(newWebhookEvent({ tenantId: 'acme', connectionId, status: 'rejected' }), {
    since: at,
    limit: 1,
  })
  await webhookEvents.purge({ before: at, at, limit: 10 })
  await webhookEvents.prune({ purgedBefore: at, rejectedBefore: at, limit: 10 })
  await executionLogs.prune({ before: at, limit: 10 })
  for (const scope of [{ kind: 'operator' }, { kind: 'tenant', tenantId: 'acme' }] as const) {
    const page = { scope, limit: 10 }
    await connections.find({ scope, id: connectionId })
    await syncStates.find({ scope, connectionId, resourceType: 'issues' })
    await webhookEvents.find({ scope, id: event.id })
    await webhookEvents.due({ ...page, limit: 1, at, clockSkewMs: 0, perTenant: 1_000, handled: 'all' })
    await webhookEvents.due({ ...page, at, clockSkewMs: 0, perTenant: 1_000, handled })
    for (const after of [null, connectionId]) {
      await connections.list({ ...page, after, filter: {} })
      await connections.list({ ...page, after, filter: { family: 'code', provider: 'github', isConnected: true } })
      await connections.list({ ...page, after, filter: { provider: 'github', externalAccountId: 'account 7' } })
      await syncStates.list({ ...page, after, filter: {}, at })
      await syncStates.list({ ...page, after, filter: { connectionId }, at })
      await webhookEvents.list({ ...page, after, filter: {} })
      await webhookEvents.list({ ...page, after, filter: { connectionId, status: 'dead' } })
      await executionLogs.list({ ...page, after, filter: {} })
      await executionLogs.list({ ...page, after, filter: { connectionId, status: 500 } })
      await executionLogs.list({
        ...page,
        after,
        filter: { connectionId, status: 'failed', method: 'GET', since: at, until: at, text: 'a_b' },
      })
      await executionLogs.list({ ...page, after, filter: { runId: 'run' } })
    }
  }

  const slow: string[] = []
  const queries = [...statements].filter(([query]) => /^(SELECT|UPDATE|DELETE)/.test(query))
  for (const [query, params] of queries) {
    const plan = await prisma.$queryRawUnsafe<{ detail: string }[]>(`EXPLAIN QUERY PLAN ${query}`, ...params)
    const steps = plan.map(({ detail }) => detail)
    if (steps.some((step) => isSlow(step, query))) slow.push(`${steps.join('; ')} <- ${query}`)
  }
  await prisma.$disconnect()
  expect(queries.length).toBeGreaterThan(30)
  expect(slow).toEqual([])
})

/** Walking through a whole index in its order is right only where nothing narrows the search down. */
function isSlow(step: string, query: string): boolean {
  if (step.includes('TEMP B-TREE')) return true
  if (!/^SCAN (?!sub$)/.test(step)) return false
  return !step.includes('USING') || /`(tenantId|connectionId|runId|status|providerFamily)` = \?/.test(query)
}
