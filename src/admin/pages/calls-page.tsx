import type { ExecutionLog } from '../../core/domain/execution-log.ts'
import type { ExecutionStatus } from '../../core/domain/execution-status.ts'
import type { Page } from '../../core/domain/page.ts'
import type { ExecutionLogFilter } from '../admin-connectors.ts'
import { readConnectionNames } from '../connection-names.ts'
import type { PageOf } from '../pages.ts'
import { CallsTable } from '../ui/calls-table.tsx'
import { type Filter, Filters, filterQuery } from '../ui/filters.tsx'
import { Layout } from '../ui/layout.tsx'
import { Pager } from '../ui/pager.tsx'
import type { Visit } from '../visit.ts'
import { pageRequest } from './page-request.ts'

const hourMs = 3_600_000
const spans: Readonly<Record<string, readonly [label: string, ms: number]>> = {
  '1h': ['last hour', hourMs],
  '24h': ['last 24 hours', 24 * hourMs],
  '7d': ['last 7 days', 7 * 24 * hourMs],
  '30d': ['last 30 days', 30 * 24 * hourMs],
}
const statuses = ['failed', '2xx', '3xx', '4xx', '5xx', 'unanswered'] as const
const searched = 50_000

const filters: readonly Filter[] = [
  { kind: 'text', name: 'text', label: 'Search', hint: 'action or URL' },
  {
    kind: 'choice',
    name: 'method',
    label: 'Method',
    options: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'ACT'].map((method) => [method, method] as const),
  },
  { kind: 'choice', name: 'status', label: 'Result', options: statuses.map((status) => [status, status] as const) },
  {
    kind: 'choice',
    name: 'span',
    label: 'Time',
    options: Object.entries(spans).map(([value, [label]]) => [value, label] as const),
  },
  { kind: 'text', name: 'connection', label: 'Connection', hint: 'id' },
]

/** The calls to providers, newest first. */
export const callsPage: PageOf = async (visit) => {
  const query = filterQuery(visit, filters)
  if (query.connection) await visit.sight.connection(query.connection)
  const page = await readPage(visit)
  const names = await readConnectionNames(visit.sight, page.items)
  return (
    <Layout visit={visit} title="Calls">
      <div class="head">
        <div>
          <h1>Calls</h1>
          <p>Every request that was sent to a provider, secrets taken out.</p>
        </div>
      </div>
      <Filters visit={visit} filters={filters} />
      <p class="muted small">
        {query.text
          ? `Searched are the newest ${searched.toLocaleString('en')} calls of the ${spanOf(visit)[0]}.`
          : `Calls of the ${spanOf(visit)[0]}.`}
      </p>
      <CallsTable visit={visit} calls={page.items} names={names} empty="No calls match." />
      <Pager visit={visit} page={page} query={query} />
    </Layout>
  )
}

function spanOf({ query }: Visit) {
  return spans[query.get('span') || '24h'] ?? (['last 24 hours', 24 * hourMs] as const)
}

/**
 * Calls begun since the span began. A search takes the newest first, of whatever age, and leaves out what is older here: to
 * find the newest so many *of a span*, a database sorts all of it.
 */
async function readPage(visit: Visit): Promise<Page<ExecutionLog>> {
  const { query, now, sight } = visit
  const since = new Date(now.getTime() - spanOf(visit)[1])
  const filter = filterOf(visit)
  const { executions } = sight.verbs
  if (!query.get('text')) return executions.list({ ...filter, since }).page(pageRequest(visit))
  const { items, next } = await executions.list(filter).page(pageRequest(visit))
  const isOver = items.some(({ createdAt }) => createdAt < since)
  return { items: items.filter(({ createdAt }) => createdAt >= since), next: isOver ? null : next }
}

function filterOf({ query }: Visit): ExecutionLogFilter {
  const [connectionId, method, text, status] = ['connection', 'method', 'text', 'status'].map((name) => query.get(name))
  return {
    ...(connectionId && { connectionId }),
    ...(method && { method }),
    ...(text && { text, newest: searched }),
    ...(isStatus(status) && { status }),
  }
}

function isStatus(value: string | null | undefined): value is (typeof statuses)[number] & ExecutionStatus {
  return statuses.some((status) => status === value)
}
