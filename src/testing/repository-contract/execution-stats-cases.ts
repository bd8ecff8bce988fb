import assert from 'node:assert/strict'
import { operatorScope, tenantScope } from '../../core/domain/tenant.ts'
import { instant } from '../instant.ts'
import { newExecutionLog } from '../new-execution-log.ts'
import { givenConnection } from './given-connection.ts'
import type { RepositoryContractCase } from './repository-contract-case.ts'

const window = { since: instant(0), until: instant(1_000) }
const noOutcomes = { '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0, unanswered: 0, other: 0 }

/** Counting the audit trail. */
export const executionStatsCases: readonly RepositoryContractCase[] = [
  {
    id: 'execution-logs/stats/outcomes',
    title: 'stats count the calls by how they ended, and tell their mean and longest duration, however long they took',
    async run(context) {
      const { executionLogs } = context.repositories
      const { tenantId, id: connectionId } = await givenConnection(context)
      const ends = [
        [200, null, 10],
        [204, null, 20],
        [200, null, 30],
        [304, null, 2_000_000_012],
        [400, null, 2_000_000_000],
        [499, 'no such order', 2_000_000_000],
        [500, null, 2_000_000_000],
        [599, null, 2_000_000_000],
        [600, null, 2_000_000_000],
        [101, null, 2_000_000_000],
        [null, 'cut off', 2_000_000_000],
        [null, 'timed out', 2_000_000_000],
        [null, null, 2_000_000_000],
      ] as const
      const rows = ends.map(([responseStatus, error, durationMs]) =>
        newExecutionLog({ tenantId, connectionId, responseStatus, error, durationMs }),
      )
      await executionLogs.appendMany(rows)
      assert.deepEqual(await executionLogs.stats({ scope: tenantScope(tenantId), ...window }), {
        count: 13,
        byOutcome: { '2xx': 3, '3xx': 1, '4xx': 2, '5xx': 2, unanswered: 2, other: 3 },
        failedCount: 7,
        meanMs: 1_538_461_544,
        maxMs: 2_000_000_012,
      })
    },
  },
  {
    id: 'execution-logs/stats/none',
    title: 'without calls all counts are 0, and there is no duration',
    async run(context) {
      const { tenantId } = await givenConnection(context)
      assert.deepEqual(await context.repositories.executionLogs.stats({ scope: tenantScope(tenantId), ...window }), {
        count: 0,
        byOutcome: noOutcomes,
        failedCount: 0,
        meanMs: null,
        maxMs: null,
      })
    },
  },
  {
    id: 'execution-logs/stats/window',
    title: 'since includes its instant, until does not',
    async run(context) {
      const { executionLogs } = context.repositories
      const { tenantId, id: connectionId } = await givenConnection(context)
      await executionLogs.appendMany(
        [0, 1, 2, 3].map((ms) =>
          newExecutionLog({ tenantId, connectionId, createdAt: instant(ms), durationMs: 10 ** ms }),
        ),
      )
      const scope = tenantScope(tenantId)
      const { count, meanMs, maxMs } = await executionLogs.stats({ scope, since: instant(1), until: instant(3) })
      assert.deepEqual({ count, meanMs, maxMs }, { count: 2, meanMs: 55, maxMs: 100 })
    },
  },
  {
    id: 'execution-logs/stats/scope',
    title: 'a tenant counts its own calls, an operator those of all; a connection narrows both',
    async run(context) {
      const { executionLogs } = context.repositories
      const [mine, theirs] = [await givenConnection(context), await givenConnection(context)]
      const other = await givenConnection(context, { tenantId: mine.tenantId })
      const row = ({ tenantId, id }: typeof mine, durationMs: number) =>
        newExecutionLog({ tenantId, connectionId: id, durationMs })
      await executionLogs.appendMany([row(mine, 1), row(mine, 3), row(other, 11), row(theirs, 100)])
      const told = async (query: Omit<Parameters<typeof executionLogs.stats>[0], 'since' | 'until'>) => {
        const { count, meanMs } = await executionLogs.stats({ ...query, ...window })
        return [count, meanMs]
      }
      const scope = tenantScope(mine.tenantId)
      assert.deepEqual(await told({ scope }), [3, 5])
      assert.deepEqual(await told({ scope, connectionId: mine.id }), [2, 2])
      assert.deepEqual(await told({ scope, connectionId: theirs.id }), [0, null])
      assert.deepEqual(await told({ scope: operatorScope, connectionId: theirs.id }), [1, 100])
      const [everybody] = await told({ scope: operatorScope })
      assert.ok(Number(everybody) >= 4)
    },
  },
  {
    id: 'execution-logs/stats/all-rows',
    title: 'every call counts, however many there are',
    async run(context) {
      const { executionLogs } = context.repositories
      const { tenantId, id: connectionId } = await givenConnection(context)
      const rows = Array.from({ length: 1_201 }, (_, n) =>
        newExecutionLog({ tenantId, connectionId, responseStatus: n % 3 === 0 ? 500 : 200, durationMs: n }),
      )
      await executionLogs.appendMany(rows.slice(0, 600))
      await executionLogs.appendMany(rows.slice(600))
      assert.deepEqual(await executionLogs.stats({ scope: tenantScope(tenantId), ...window }), {
        count: 1_201,
        byOutcome: { ...noOutcomes, '2xx': 800, '5xx': 401 },
        failedCount: 401,
        meanMs: 600,
        maxMs: 1_200,
      })
    },
  },
  {
    id: 'execution-logs/stats/exact-tenant',
    title: 'tenant ids that look alike do not count the calls of each other',
    needs: ['exactTenants'],
    async run(context) {
      const { executionLogs } = context.repositories
      const { id: connectionId } = await givenConnection(context)
      const rows = context.exactTenants.map((tenantId, n) =>
        newExecutionLog({ tenantId, connectionId, durationMs: 10 ** n }),
      )
      await executionLogs.appendMany(rows)
      for (const { tenantId, durationMs } of rows) {
        const { count, maxMs } = await executionLogs.stats({ scope: tenantScope(tenantId), connectionId, ...window })
        assert.deepEqual({ count, maxMs }, { count: 1, maxMs: durationMs })
      }
    },
  },
]
