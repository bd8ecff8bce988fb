import assert from 'node:assert/strict'
import { isConnectorsError } from '../../core/domain/errors.ts'
import { operatorScope, tenantScope } from '../../core/domain/tenant.ts'
import { instant } from '../instant.ts'
import { newExecutionLog } from '../new-execution-log.ts'
import { givenConnection } from './given-connection.ts'
import type { RepositoryContractCase } from './repository-contract-case.ts'
import { walkPages } from './walk-pages.ts'

/** Adding to and reading the audit trail. */
export const executionLogCases: readonly RepositoryContractCase[] = [
  {
    id: 'execution-logs/append-many/round-trip',
    title: 'every field comes back as it was stored, a URL of any length included',
    async run(context) {
      const { tenantId, id: connectionId } = await givenConnection(context)
      const full = newExecutionLog({
        tenantId,
        connectionId,
        runId: 'run-1',
        actor: 'ops@example.test',
        action: 'sync issues',
        method: 'POST',
        url: `https://api.example.test/?q=${'x'.repeat(10_000)}`,
        requestPayload: '{"a":"🧾"}',
        responseStatus: 503,
        responsePayload: 'x'.repeat(8_192),
        durationMs: 1_234,
        attempt: 3,
        error: 'Dienst nicht verfügbar',
        createdAt: instant(1_001),
      })
      const bare = newExecutionLog({ tenantId, connectionId, responseStatus: null, durationMs: 0 })
      await context.repositories.executionLogs.appendMany([full, bare])
      const query = { scope: tenantScope(tenantId), filter: {}, limit: 10 }
      assert.deepEqual(await context.repositories.executionLogs.list(query), { items: [bare, full], next: null })
    },
  },
  {
    id: 'execution-logs/append-many/none',
    title: 'adding no rows is fine and does nothing',
    async run(context) {
      await context.repositories.executionLogs.appendMany([])
    },
  },
  {
    id: 'execution-logs/append-many/all-or-none',
    title: 'if one row cannot be added none is, and the failure is a ConnectorsError',
    async run(context) {
      const { executionLogs } = context.repositories
      const { tenantId, id: connectionId } = await givenConnection(context)
      const stored = newExecutionLog({ tenantId, connectionId })
      await executionLogs.appendMany([stored])
      const rows = [0, 1].map(() => newExecutionLog({ tenantId, connectionId }))
      const failing = executionLogs.appendMany([...rows, { ...stored, action: 'again' }])
      await assert.rejects(failing, (error) => isConnectorsError(error))
      const { items } = await executionLogs.list({ scope: tenantScope(tenantId), filter: {}, limit: 10 })
      assert.deepEqual(items, [stored])
    },
  },
  {
    id: 'execution-logs/append-many/large',
    title: '500 rows are added in one call',
    async run(context) {
      const { executionLogs } = context.repositories
      const { tenantId, id: connectionId } = await givenConnection(context)
      await executionLogs.appendMany(Array.from({ length: 500 }, () => newExecutionLog({ tenantId, connectionId })))
      const { items } = await executionLogs.list({ scope: tenantScope(tenantId), filter: {}, limit: 1_000 })
      assert.equal(items.length, 500)
    },
  },
  {
    id: 'execution-logs/list/filters',
    title: 'connection, run and status narrow the list; a tenant sees its own calls only',
    async run(context) {
      const { executionLogs } = context.repositories
      const { tenantId, id: connectionId } = await givenConnection(context)
      const sibling = await givenConnection(context, { tenantId })
      const foreign = await givenConnection(context)
      const first = newExecutionLog({ tenantId, connectionId, runId: 'run-1', responseStatus: 500 })
      const second = newExecutionLog({ tenantId, connectionId: sibling.id, runId: 'run-1' })
      const third = newExecutionLog({ tenantId, connectionId, runId: 'run-2' })
      const theirs = newExecutionLog({ tenantId: foreign.tenantId, connectionId: foreign.id, runId: 'run-1' })
      await executionLogs.appendMany([first, second, third, theirs])
      const listed = async (query: Pick<Parameters<typeof executionLogs.list>[0], 'scope' | 'filter'>) =>
        (await executionLogs.list({ ...query, limit: 10 })).items.map(({ id }) => id)
      const scope = tenantScope(tenantId)
      assert.deepEqual(await listed({ scope, filter: {} }), [third.id, second.id, first.id])
      assert.deepEqual(await listed({ scope, filter: { connectionId } }), [third.id, first.id])
      assert.deepEqual(await listed({ scope, filter: { runId: 'run-1' } }), [second.id, first.id])
      assert.deepEqual(await listed({ scope, filter: { responseStatus: 500 } }), [first.id])
      assert.deepEqual(await listed({ scope, filter: { connectionId, runId: 'run-2', responseStatus: 200 } }), [
        third.id,
      ])
      assert.deepEqual(await listed({ scope, filter: { connectionId: foreign.id } }), [])
      assert.deepEqual(await listed({ scope: operatorScope, filter: { connectionId: foreign.id } }), [theirs.id])
    },
  },
  {
    id: 'execution-logs/all/exact-tenant',
    title: 'tenant ids that look alike do not see the calls of each other',
    needs: ['exactTenants'],
    async run(context) {
      const { executionLogs } = context.repositories
      const { id: connectionId } = await givenConnection(context)
      const rows = context.exactTenants.map((tenantId) => newExecutionLog({ tenantId, connectionId }))
      await executionLogs.appendMany(rows)
      for (const row of rows) {
        const query = { scope: tenantScope(row.tenantId), filter: { connectionId }, limit: 10 }
        assert.deepEqual((await executionLogs.list(query)).items, [row])
      }
    },
  },
  {
    id: 'execution-logs/list/stable-paging',
    title: 'pages start with the newest; a row added meanwhile neither repeats nor hides another',
    async run(context) {
      const { executionLogs } = context.repositories
      const { tenantId, id: connectionId } = await givenConnection(context)
      const rows = Array.from({ length: 5 }, () => newExecutionLog({ tenantId, connectionId }))
      await executionLogs.appendMany(rows)
      const pages = await walkPages(
        (request) => executionLogs.list({ scope: tenantScope(tenantId), filter: {}, ...request }),
        2,
        () => executionLogs.appendMany([newExecutionLog({ tenantId, connectionId })]),
      )
      const ids = rows.map(({ id }) => id).reverse()
      assert.deepEqual(pages, [ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)])
    },
  },
]
