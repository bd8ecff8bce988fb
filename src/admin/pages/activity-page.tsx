import type { ExecutionLog } from '../../core/domain/execution-log.ts'
import { readConnectionNames } from '../connection-names.ts'
import type { PageOf } from '../pages.ts'
import { ConnectionLink } from '../ui/connection-link.tsx'
import { type Filter, Filters, filterQuery } from '../ui/filters.tsx'
import { exactly } from '../ui/instant.tsx'
import { Layout } from '../ui/layout.tsx'
import { Pager } from '../ui/pager.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { pageRequest } from './page-request.ts'

const filters: readonly Filter[] = [{ kind: 'text', name: 'connection', label: 'Connection', hint: 'id' }]

/** Who did what, and when: the acts of operators, newest first. */
export const activityPage: PageOf = async (visit) => {
  const query = filterQuery(visit, filters)
  const { connection } = query
  if (connection) await visit.sight.connection(connection)
  const page = await visit.sight.verbs.executions
    .list({ runId: 'operator', ...(connection && { connectionId: connection }) })
    .page(pageRequest(visit))
  const names = await readConnectionNames(visit.sight, page.items)
  const columns: readonly Column<ExecutionLog>[] = [
    { head: 'When', cell: ({ createdAt }) => exactly(createdAt) },
    { head: 'Who', cell: ({ actor }) => actor ?? '' },
    {
      head: 'What',
      cell: ({ action, requestPayload }) => (
        <>
          {action}
          {requestPayload === null || requestPayload === '{}' ? null : <span class="sub mono">{requestPayload}</span>}
        </>
      ),
    },
    { head: 'Outcome', cell: ({ responsePayload }) => responsePayload ?? '' },
    {
      head: 'Connection',
      cell: (act) => <ConnectionLink visit={visit} names={names} row={act} />,
    },
  ]
  return (
    <Layout visit={visit} title="Activity">
      <div class="head">
        <div>
          <h1>Activity</h1>
          <p>What people did here.</p>
        </div>
      </div>
      <Filters visit={visit} filters={filters} />
      <Table
        caption="Activity"
        columns={columns}
        rows={page.items}
        empty={
          <>
            <strong>Nobody did anything yet.</strong> Every action of this console is listed here.
          </>
        }
      />
      <Pager visit={visit} page={page} query={query} />
    </Layout>
  )
}
