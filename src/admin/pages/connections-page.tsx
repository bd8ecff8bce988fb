import type { ConnectionView } from '../../core/domain/connection.ts'
import { tenantText } from '../../core/domain/tenant.ts'
import type { ConnectionFilter } from '../admin-connectors.ts'
import type { PageOf } from '../pages.ts'
import { ConnectionBadge } from '../ui/connection-badge.tsx'
import { type Filter, Filters, filterQuery } from '../ui/filters.tsx'
import { Instant } from '../ui/instant.tsx'
import { Layout } from '../ui/layout.tsx'
import { Pager } from '../ui/pager.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { link, type Visit } from '../visit.ts'
import { pageRequest } from './page-request.ts'

const yesOrNo = [
  ['yes', 'Yes'],
  ['no', 'No'],
] as const

/** The connections: all that may be seen, filtered. */
export const connectionsPage: PageOf = async (visit) => {
  const filters = filtersOf(visit)
  const page = await visit.sight.verbs.connections.list(filterOf(visit)).page(pageRequest(visit))
  const query = filterQuery(visit, filters)
  const isFiltered = Object.values(query).some(Boolean)
  return (
    <Layout visit={visit} title="Connections">
      <div class="head">
        <div>
          <h1>Connections</h1>
          <p>Accounts at providers, and whether they can be used.</p>
        </div>
      </div>
      <Filters visit={visit} filters={filters} />
      <Table
        caption="Connections"
        columns={columnsOf(visit)}
        rows={page.items}
        empty={
          isFiltered ? (
            <>
              <strong>Nothing matches these filters.</strong> Clear them to see all connections.
            </>
          ) : (
            <>
              <strong>No connections yet.</strong> They appear here as soon as a tenant connects a provider.
            </>
          )
        }
      />
      <Pager visit={visit} page={page} query={query} />
    </Layout>
  )
}

function filtersOf({ providers }: Visit): readonly Filter[] {
  const { families } = providers.catalog()
  return [
    { kind: 'text', name: 'text', label: 'Search', hint: 'name, account or id' },
    { kind: 'choice', name: 'family', label: 'Family', options: families.map(({ name, label }) => [name, label]) },
    {
      kind: 'choice',
      name: 'provider',
      label: 'Provider',
      options: families.flatMap((family) => family.providers.map(({ name, label }) => [name, label] as const)),
    },
    { kind: 'choice', name: 'enabled', label: 'Enabled', options: yesOrNo },
    { kind: 'choice', name: 'connected', label: 'Connected', options: yesOrNo },
  ]
}

function filterOf({ query }: Visit): ConnectionFilter {
  const [family, provider, text] = [query.get('family'), query.get('provider'), query.get('text')]
  const [enabled, connected] = [query.get('enabled'), query.get('connected')]
  return {
    ...(family && { family }),
    ...(provider && { provider }),
    ...(text && { text }),
    ...(enabled && { isEnabled: enabled === 'yes' }),
    ...(connected && { isConnected: connected === 'yes' }),
  }
}

function columnsOf(visit: Visit): readonly Column<ConnectionView>[] {
  return [
    {
      head: 'Name',
      cell: ({ id, displayName }) => <a href={link(visit, `/connections/${id}`)}>{displayName}</a>,
    },
    ...(visit.sight.tenantId === null
      ? [{ head: 'Tenant', cell: ({ tenantId }: ConnectionView) => tenantText(tenantId) }]
      : []),
    {
      head: 'Provider',
      cell: ({ provider }) => (
        <>
          {provider.name}
          <span class="sub">{provider.family}</span>
        </>
      ),
    },
    { head: 'State', cell: (connection) => <ConnectionBadge connection={connection} now={visit.now} /> },
    { head: 'Enabled', isMinor: true, cell: ({ isEnabled }) => (isEnabled ? 'Yes' : 'No') },
    { head: 'Connected', isMinor: true, cell: ({ isConnected }) => (isConnected ? 'Yes' : 'No') },
    { head: 'Updated', cell: ({ updatedAt }) => <Instant at={updatedAt} now={visit.now} /> },
  ]
}
