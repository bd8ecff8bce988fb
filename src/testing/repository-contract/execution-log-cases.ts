import assert from 'node:assert/strict'
import { isConnectorsError } from '../../core/domain/errors.ts'
import type { ExecutionStatus } from '../../core/domain/execution-status.ts'
import { operatorScope, tenantScope } from '../../core/domain/tenant.ts'
import type { ExecutionLogFilter } from '../../core/ports/execution-log-repository.ts'
import { instant } from '../instant.ts'
import { newExecutionLog } from '../new-execution-log.ts'
import { newId } from '../new-id.ts'
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
      assert.deepEqual(await listed({ scope, filter: { status: 500 } }), [first.id])
      assert.deepEqual(await listed({ scope, filter: { connectionId, runId: 'run-2', status: 200 } }), [third.id])
      assert.deepEqual(await listed({ scope, filter: { connectionId: foreign.id } }), [])
      assert.deepEqual(await listed({ scope: operatorScope, filter: { connectionId: foreign.id } }), [theirs.id])
    },
  },
  {
    id: 'execution-logs/list/status',
    title:
      'a status is a number, a class, any failure, or no answer; an act without a status or an error is none of them',
    async run(context) {
      const { executionLogs } = context.repositories
      const { tenantId, id: connectionId } = await givenConnection(context)
      const ends = [
        [200, null],
        [304, null],
        [400, null],
        [404, null],
        [499, null],
        [500, null],
        [599, null],
        [null, 'cut off'],
        [null, null],
      ] as const
      const rows = ends.map(([responseStatus, error]) =>
        newExecutionLog({ tenantId, connectionId, responseStatus, error }),
      )
      await executionLogs.appendMany(rows)
      const listed = async (status: ExecutionStatus) => {
        const { items } = await executionLogs.list({ scope: tenantScope(tenantId), filter: { status }, limit: 20 })
        return items.map(({ responseStatus, error }) => responseStatus ?? error).reverse()
      }
      assert.deepEqual(await listed(404), [404])
      assert.deepEqual(await listed(418), [])
      assert.deepEqual(await listed('2xx'), [200])
      assert.deepEqual(await listed('3xx'), [304])
      assert.deepEqual(await listed('4xx'), [400, 404, 499])
      assert.deepEqual(await listed('5xx'), [500, 599])
      assert.deepEqual(await listed('unanswered'), ['cut off'])
      assert.deepEqual(await listed('failed'), [400, 404, 499, 500, 599, 'cut off'])
    },
  },
  {
    id: 'execution-logs/list/instants',
    title: 'since includes its instant, until does not; the method narrows the list too',
    async run(context) {
      const { executionLogs } = context.repositories
      const { tenantId, id: connectionId } = await givenConnection(context)
      const row = (ms: number, method: string) =>
        newExecutionLog({ tenantId, connectionId, method, createdAt: instant(ms) })
      const [a, b, c] = [row(0, 'GET'), row(1, 'POST'), row(2, 'GET')]
      await executionLogs.appendMany([a, b, c])
      const listed = async (filter: ExecutionLogFilter) =>
        (await executionLogs.list({ scope: tenantScope(tenantId), filter, limit: 10 })).items.map(({ id }) => id)
      assert.deepEqual(await listed({ since: instant(1) }), [c.id, b.id])
      assert.deepEqual(await listed({ until: instant(2) }), [b.id, a.id])
      assert.deepEqual(await listed({ since: instant(1), until: instant(2) }), [b.id])
      assert.deepEqual(await listed({ method: 'GET' }), [c.id, a.id])
      assert.deepEqual(await listed({ method: 'get' }), [])
      assert.deepEqual(
        await listed({ method: 'GET', since: instant(1), status: '2xx', text: 'example', connectionId }),
        [c.id],
      )
    },
  },
  {
    id: 'execution-logs/list/newest',
    title: 'only the newest calls of those that scope, connection and time name are searched, page by page',
    async run(context) {
      const { executionLogs } = context.repositories
      const { tenantId, id: connectionId } = await givenConnection(context)
      const rows = Array.from({ length: 6 }, (_, index) =>
        newExecutionLog({
          tenantId,
          connectionId,
          method: index % 2 === 0 ? 'GET' : 'POST',
          createdAt: instant(index),
        }),
      )
      await executionLogs.appendMany(rows)
      // Newer than all, and not looked at.
      await executionLogs.appendMany([newExecutionLog({ tenantId, connectionId: newId() })])
      const listed = async (filter: Parameters<typeof executionLogs.list>[0]['filter'], after: string | null = null) =>
        (await executionLogs.list({ scope: tenantScope(tenantId), filter, after, limit: 10 })).items.map(({ id }) => id)
      const idsOf = (...indexes: number[]) => indexes.map((index) => rows[index]?.id)
      assert.deepEqual(await listed({ connectionId, newest: 3 }), idsOf(5, 4, 3))
      assert.deepEqual(await listed({ connectionId, newest: 3, method: 'POST' }), idsOf(5, 3))
      assert.deepEqual(await listed({ connectionId, newest: 3 }, rows[5]?.id ?? ''), idsOf(4, 3))
      assert.deepEqual(await listed({ connectionId, newest: 2, until: instant(4) }), idsOf(3, 2))
      assert.deepEqual(await listed({ connectionId, newest: 6, method: 'GET' }), idsOf(4, 2, 0))
    },
  },
  {
    id: 'execution-logs/list/text-exactness',
    title:
      'a text is found in action and URL to the letter: case, accents and blanks count, and wildcards are themselves',
    async run(context) {
      const { executionLogs } = context.repositories
      const { tenantId, id: connectionId } = await givenConnection(context)
      const urls = [
        '/a%20b',
        '/a_b',
        '/aXb',
        '/A_B',
        '/a\\b',
        '/straße',
        '/strasse',
        "/o'clock?x=1;--",
        '/e\u0301',
        '/é',
        '/*[a-z]',
        '/🦊',
      ]
      const rows = urls.map((url) => newExecutionLog({ tenantId, connectionId, url, action: 'list' }))
      const named = newExecutionLog({ tenantId, connectionId, url: '/', action: 'sync orders_eu' })
      await executionLogs.appendMany([...rows, named])
      const listed = async (text: string) => {
        const { items } = await executionLogs.list({ scope: tenantScope(tenantId), filter: { text }, limit: 20 })
        return items.map(({ url }) => url).reverse()
      }
      const texts = [
        'a%',
        '%',
        '_',
        'a_b',
        'A_B',
        '\\',
        'a\\b',
        'ß',
        'ss',
        "'",
        ';--',
        'é',
        'e\u0301',
        '[a-z]',
        '*',
        '🦊',
        'lisT',
        ' orders',
        'orders_',
        'orders%',
        'x',
        '/',
      ]
      for (const text of texts) {
        const expected = [...rows, named].filter(({ url, action }) => url.includes(text) || action.includes(text))
        assert.deepEqual(
          await listed(text),
          expected.map(({ url }) => url),
          `text ${JSON.stringify(text)}`,
        )
      }
    },
  },
  {
    id: 'execution-logs/list/full-pages',
    title: 'a page is full as long as there are more, also where a text is nearly found in many rows',
    async run(context) {
      const { executionLogs } = context.repositories
      const { tenantId, id: connectionId } = await givenConnection(context)
      const rows = Array.from({ length: 20 }, (_, n) =>
        newExecutionLog({ tenantId, connectionId, url: n % 5 === 0 ? '/a_b' : n % 2 === 0 ? '/aXb' : '/A_B' }),
      )
      await executionLogs.appendMany(rows)
      const pages = await walkPages(
        (request) => executionLogs.list({ scope: tenantScope(tenantId), filter: { text: 'a_b' }, ...request }),
        3,
      )
      const ids = rows
        .filter(({ url }) => url === '/a_b')
        .map(({ id }) => id)
        .reverse()
      assert.deepEqual(pages, [ids.slice(0, 3), ids.slice(3)])
    },
  },
  {
    id: 'execution-logs/prune/oldest-first',
    title:
      'prune removes what began before the instant, the oldest first, at most as many as it was told, and leaves the rest',
    async run(context) {
      const { executionLogs } = context.repositories
      const { tenantId, id: connectionId } = await givenConnection(context)
      // Far in the past, so that the rows of others are not touched.
      const long = -1_200_000_000_000
      const row = (ms: number) => newExecutionLog({ tenantId, connectionId, createdAt: instant(long + ms) })
      // The newest has the lowest id: the instant decides.
      const [d, b, a, c] = [row(3), row(1), row(0), row(2)]
      await executionLogs.appendMany([a, b, c, d])
      const left = async () => {
        const { items } = await executionLogs.list({ scope: tenantScope(tenantId), filter: {}, limit: 10 })
        return new Set(items.map(({ id }) => id))
      }
      const before = instant(long + 3)
      assert.equal(await executionLogs.prune({ before, limit: 2 }), 2)
      assert.deepEqual(await left(), new Set([c.id, d.id]))
      assert.equal(await executionLogs.prune({ before, limit: 2 }), 1)
      assert.deepEqual(await left(), new Set([d.id]))
      assert.equal(await executionLogs.prune({ before, limit: 2 }), 0)
      assert.equal(await executionLogs.prune({ before: instant(long + 4), limit: 2 }), 1)
    },
  },
  {
    id: 'execution-logs/prune/counted-once',
    title: 'of concurrent calls each row is removed, and counted, by one',
    needs: ['parallel'],
    async run(context) {
      const { executionLogs } = context.repositories
      const { tenantId, id: connectionId } = await givenConnection(context)
      const long = instant(-1_250_000_000_000)
      const createdAt = new Date(long.getTime() - 1)
      await executionLogs.appendMany(
        Array.from({ length: 40 }, () => newExecutionLog({ tenantId, connectionId, createdAt })),
      )
      let total = 0
      // Whoever chose the same rows as another removes fewer: so it takes several goes.
      for (let goes = 0; goes < 40 && total < 40; goes += 1) {
        const counts = await Promise.all(
          Array.from({ length: 4 }, () => executionLogs.prune({ before: long, limit: 10 })),
        )
        total += counts.reduce((sum, count) => sum + count, 0)
      }
      assert.equal(total, 40)
      assert.equal(await executionLogs.prune({ before: long, limit: 10 }), 0)
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
