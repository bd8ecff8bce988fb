import type { SyncStateView, SyncStatus } from '../../core/domain/sync-state.ts'
import type { SyncStateFilter } from '../admin-connectors.ts'
import { type ConnectionNames, readConnectionNames } from '../connection-names.ts'
import type { PageOf } from '../pages.ts'
import { ConnectionLink } from '../ui/connection-link.tsx'
import { type Filter, Filters, filterQuery } from '../ui/filters.tsx'
import { Due, Instant } from '../ui/instant.tsx'
import { Layout } from '../ui/layout.tsx'
import { Pager } from '../ui/pager.tsx'
import { SyncBadge, scheduleWords, syncStatuses } from '../ui/sync-badge.tsx'
import { type Column, Table } from '../ui/table.tsx'
import type { Visit } from '../visit.ts'
import { pageRequest } from './page-request.ts'

/** Where the syncs stand. */
export const syncsPage: PageOf = async (visit) => {
  const filters = filtersOf(visit)
  const query = filterQuery(visit, filters)
  const page = await visit.sight.verbs.sync.states(filterOf(visit)).page(pageRequest(visit))
  return (
    <Layout visit={visit} title="Syncs">
      <div class="head">
        <div>
          <h1>Syncs</h1>
          <p>One row for each resource of a connection that was synced or scheduled.</p>
        </div>
      </div>
      <Filters visit={visit} filters={filters} />
      <Table
        caption="Syncs"
        columns={columnsOf(visit, await readConnectionNames(visit.sight, page.items))}
        rows={page.items}
        empty="No syncs match."
      />
      <Pager visit={visit} page={page} query={query} />
    </Layout>
  )
}

function filtersOf({ providers }: Visit): readonly Filter[] {
  const resources = providers.catalog().families.flatMap((family) => family.providers.flatMap((each) => each.resources))
  const names = [...new Map(resources.map(({ name, label }) => [name, label]))]
  return [
    {
      kind: 'choice',
      name: 'status',
      label: 'State',
      options: syncStatuses.map((status) => [status, status] as const),
    },
    { kind: 'choice', name: 'resource', label: 'Resource', options: names },
  ]
}

function filterOf({ query }: Visit): SyncStateFilter {
  const [status, resourceType] = [query.get('status'), query.get('resource')]
  return { ...(isStatus(status) && { status }), ...(resourceType && { resourceType }) }
}

function isStatus(value: string | null): value is SyncStatus {
  return syncStatuses.some((status) => status === value)
}

function columnsOf(visit: Visit, names: ConnectionNames): readonly Column<SyncStateView>[] {
  return [
    {
      head: 'Resource',
      cell: ({ resourceType }) => <strong>{resourceType}</strong>,
    },
    {
      head: 'Connection',
      cell: (state) => <ConnectionLink visit={visit} names={names} row={state} />,
    },
    {
      head: 'State',
      cell: (state) => (
        <>
          <SyncBadge state={state} />
          {state.lastError === null ? null : <span class="sub">{state.lastError}</span>}
        </>
      ),
    },
    { head: 'Last end', cell: ({ lastSyncAt }) => <Instant at={lastSyncAt} now={visit.now} missing="never" /> },
    {
      head: 'Next',
      cell: ({ dueAt }) => (dueAt === null ? <span class="muted">when told</span> : <Due at={dueAt} now={visit.now} />),
    },
    { head: 'Runs', cell: (state) => scheduleWords(state) },
    { head: 'Items', isNumber: true, cell: ({ itemsSynced }) => String(itemsSynced) },
  ]
}
