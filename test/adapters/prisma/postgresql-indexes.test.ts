import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { PrismaClient } from '../../../generated/prisma-postgresql/client/client.ts'
import { prismaRepositories } from '../../../src/adapters/prisma/prisma-repositories.ts'
import { instant } from '../../../src/testing/instant.ts'
import { newConnection } from '../../../src/testing/new-connection.ts'
import { newExecutionLog } from '../../../src/testing/new-execution-log.ts'
import { newWebhookEvent } from '../../../src/testing/new-webhook-event.ts'
import { createPostgresDatabase } from '../../support/postgres-database.ts'

/** A step of a plan, as EXPLAIN tells. */
interface PlanStep {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly Plans?: readonly PlanStep[]
}

const rowCount = 20_000
const tables = ['connection', 'sync_state', 'webhook_event', 'execution_log', 'oauth_state']

/** Multiplies the first row of a table, spread over 400 tenants, 50 connections and two weeks. */
function multiply(table: string): string {
  const changes: Readonly<Record<string, string>> = {
    id: `'id ' || n`,
    tenantId: `'tenant ' || n % 400`,
    connectionId: table === 'sync_state' ? `'id ' || n` : `'connection ' || n % 50`,
    slot: `'id ' || n`,
    externalAccountId: `'account ' || n % 2000`,
    tokenRefreshAt: `timestamp '2026-01-01' + n * interval '1 minute'`,
    idempotencyKey: `'key ' || n`,
    orderKey: `CASE WHEN n % 2 = 0 THEN 'order ' || n % 4000 END`,
    runId: `'run ' || n % 1000`,
    status: `(ARRAY['processed', 'processed', 'processed', 'received', 'failed', 'processing', 'dead', 'rejected'])[1 + n % 8]`,
    availableAt: `timestamp '2026-01-01' + n * interval '1 minute'`,
    purgedAt: `CASE WHEN n % 3 = 0 THEN timestamp '2026-01-01' + n * interval '1 minute' END`,
    claimExpiresAt: `timestamp '2026-01-01' + n * interval '1 minute'`,
    dueAt: `timestamp '2026-01-01' + n * interval '1 minute'`,
    expiresAt: `timestamp '2026-01-01' + n * interval '1 minute'`,
    createdAt: `timestamp '2026-01-01' + n * interval '1 minute'`,
  }
  return `
    DO $$ DECLARE names text; vals text; BEGIN
      SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position),
             string_agg(coalesce(c.change, quote_ident(column_name)), ', ' ORDER BY ordinal_position)
        INTO names, vals
        FROM information_schema.columns
        LEFT JOIN (VALUES ${Object.entries(changes)
          .map(([column, change]) => `('${column}', '${change.replaceAll("'", "''")}')`)
          .join(', ')}) AS c (name, change) ON c.name = column_name
        WHERE table_name = 'connectors_${table}';
      EXECUTE format('INSERT INTO connectors_${table} (%s) SELECT %s FROM (SELECT * FROM connectors_${table} LIMIT 1) AS one,
        generate_series(1, ${rowCount}) AS n', names, vals);
    END $$;`
}

function steps(plan: PlanStep): readonly PlanStep[] {
  return [plan, ...(plan.Plans ?? []).flatMap(steps)]
}

test('on big tables every query of every verb goes along an index, and every index is of use', async () => {
  const database = await createPostgresDatabase()
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const prisma = new PrismaClient({
    adapter: new PrismaPg({ connectionString: database.url }),
    log: [{ emit: 'event', level: 'query' }],
  })
  onTestFinished(async () => {
    await client.end()
    await prisma.$disconnect()
    await database.drop()
  })
  const statements = new Map<string, readonly unknown[]>()
  prisma.$on('query', ({ query, params }) => statements.set(query, JSON.parse(params) as unknown[]))
  const { connections, syncStates, webhookEvents, executionLogs, oauthStates } = prismaRepositories(prisma)

  const at = instant(0)
  const tenantId = 'tenant 1'
  for (let n = 0; n < 400; n += 1) await prisma.tenant.create({ data: { id: `tenant ${n}` } })
  const connection = newConnection({ tenantId })
  const connectionId = connection.id
  const ref = { tenantId, id: connectionId }
  const stateRef = { tenantId, connectionId, resourceType: 'issues' }
  const event = newWebhookEvent({ tenantId, connectionId })
  const lease = { id: 'state', owner: 'me', at, leaseMs: 1_000, clockSkewMs: 0, begin: 'resume' } as const
  const authorization = {
    id: 'state',
    tenantId,
    providerFamily: 'code',
    providerName: 'github',
    contextEncrypted: 'sealed',
    expiresAt: at,
    createdAt: at,
  }
  await connections.create(connection)
  await syncStates.acquire(stateRef, lease)
  await webhookEvents.insertIfAbsent(event)
  await executionLogs.appendMany([newExecutionLog({ tenantId, connectionId })])
  await oauthStates.create(authorization)
  for (const table of tables) await client.query(multiply(table))
  await client.query(tables.map((table) => `ANALYZE connectors_${table};`).join(' '))
  statements.clear()

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
  // One tenant waits far longer than everybody else: walking past its rows is still a walk along the index.
  await syncStates.due({ at: new Date('2026-01-03T00:00:00Z'), clockSkewMs: 0, limit: 10, perTenant: 1 })
  await syncStates.moveDue(stateRef, { at, from: at, to: at })
  await webhookEvents.claim(event, { at, leaseMs: 1_000, handled: 'all' })
  await webhookEvents.claim(
    { tenantId: 'tenant 4', id: 'id 4' },
    { at, leaseMs: 1_000, handled: { types: ['issues.opened'], groups: ['issue_'] } },
  )
  await webhookEvents.complete(event, { attempt: 1, at })
  const rejected = newWebhookEvent({ tenantId, connectionId: 'connection 7', status: 'rejected' })
  await webhookEvents.keepRejected(rejected, { since: new Date('2026-01-13T00:00:00Z'), limit: 100 })
  await oauthStates.consume({ id: 'id 1', at })
  await oauthStates.prune({ expiredBefore: new Date('2026-01-01T01:00:00Z'), limit: 10 })
  const early = new Date('2026-01-01T01:00:00Z')
  await webhookEvents.purge({ before: early, at, limit: 10 })
  await webhookEvents.prune({ purgedBefore: early, rejectedBefore: early, limit: 10 })
  await executionLogs.prune({ before: new Date('2026-01-01T01:00:00Z'), limit: 10 })
  for (const scope of [{ kind: 'operator' }, { kind: 'tenant', tenantId }] as const) {
    const page = { scope, limit: 10 }
    await connections.find({ scope, id: connectionId })
    await syncStates.find({ scope, connectionId, resourceType: 'issues' })
    await webhookEvents.find({ scope, id: event.id })
    await webhookEvents.due({
      ...page,
      at: new Date('2026-01-01T02:00:00Z'),
      clockSkewMs: 0,
      perTenant: 1_000,
      handled: 'all',
    })
    for (const after of [null, connectionId]) {
      await connections.list({ ...page, after, filter: {} })
      await connections.list({ ...page, after, filter: { family: 'code', provider: 'github', isConnected: true } })
      await connections.list({ ...page, after, filter: { provider: 'github', externalAccountId: 'account 7' } })
      await syncStates.list({ ...page, after, filter: {}, at })
      await syncStates.list({ ...page, after, filter: { connectionId }, at })
      await webhookEvents.list({ ...page, after, filter: {} })
      await webhookEvents.list({ ...page, after, filter: { connectionId: 'connection 7' } })
      await webhookEvents.list({ ...page, after, filter: { connectionId, status: 'dead' } })
      await executionLogs.list({ ...page, after, filter: {} })
      await executionLogs.list({ ...page, after, filter: { connectionId, status: 500 } })
      await executionLogs.list({
        ...page,
        after,
        filter: { connectionId, status: 'failed', method: 'GET', since: at, until: at, text: 'a_b' },
      })
      await executionLogs.list({ ...page, after, filter: { runId: 'run 7' } })
    }
  }

  const queries = [...statements].filter(([query]) => /^(SELECT|UPDATE|DELETE)/.test(query))
  const used = new Map<string, number>()
  const scans: string[] = []
  for (const [query, params] of queries) {
    const { rows } = await client.query(`EXPLAIN (FORMAT JSON) ${query}`, [...params])
    const plan = (rows[0] as { 'QUERY PLAN': readonly [{ Plan: PlanStep }] })['QUERY PLAN'][0].Plan
    for (const step of steps(plan)) {
      if (step['Node Type'] === 'Seq Scan') scans.push(`${step['Relation Name']} <- ${query}`)
      const index = step['Index Name']
      if (index !== undefined) used.set(index, (used.get(index) ?? 0) + 1)
    }
  }
  expect(queries.length).toBeGreaterThan(30)
  expect(scans).toEqual([])
  const { rows } = await client.query<{ name: string }>(
    `SELECT indexname AS name FROM pg_indexes WHERE tablename LIKE 'connectors\\_%' AND indexdef NOT LIKE 'CREATE UNIQUE%'`,
  )
  // The unique ones earn their keep at inserts.
  expect(rows.map(({ name }) => name).filter((name) => !used.has(name))).toEqual([])
  expect([...used.keys()].sort()).toContain('connectors_webhook_event_status_availableAt_id_idx')
})
