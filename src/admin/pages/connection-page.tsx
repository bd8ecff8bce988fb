import { tenantText } from '../../core/domain/tenant.ts'
import { providerOf } from '../form-for.ts'
import type { PageOf } from '../pages.ts'
import { ByHand } from '../ui/by-hand.tsx'
import { CallsTable } from '../ui/calls-table.tsx'
import { ConnectionActions } from '../ui/connection-actions.tsx'
import { ConnectionBadge } from '../ui/connection-badge.tsx'
import { ConnectionForms } from '../ui/connection-forms.tsx'
import { Facts } from '../ui/facts.tsx'
import { HealthTimeline } from '../ui/health-timeline.tsx'
import { Instant } from '../ui/instant.tsx'
import { Layout } from '../ui/layout.tsx'
import { OAuthReturn } from '../ui/oauth-return.tsx'
import { ResourceSyncs } from '../ui/resource-syncs.tsx'
import { WebhooksTable } from '../ui/webhooks-table.tsx'
import { link } from '../visit.ts'

const recent = 8
const recentActs = 4
const refreshSeconds = 5

/** One connection: how it is, and all that belongs to it. */
export const connectionPage: PageOf = async (visit, { id = '' }) => {
  const connection = await visit.sight.connection(id)
  const verbs = visit.sight.of(connection.tenantId)
  const provider = providerOf(visit.providers, connection)
  const resources = provider?.resources ?? []
  const { now } = visit
  const [calls, events, states, hours, acts] = await Promise.all([
    verbs.executions.list({ connectionId: id }).page({ limit: recent }),
    verbs.webhooks.list({ connectionId: id }).page({ limit: recent }),
    Promise.all(resources.map(({ name }) => verbs.sync.state(id, name as never))),
    visit.hourly.lastDay({ verbs, whose: tenantText(connection.tenantId), connectionId: id, now }),
    verbs.executions.list({ connectionId: id, runId: 'operator' }).page({ limit: recentActs }),
  ])
  const isRunning = states.some((state) => state?.isRunning)
  return (
    <Layout visit={visit} title={connection.displayName} {...(isRunning && { refreshSeconds })}>
      <nav class="crumbs" aria-label="Breadcrumb">
        <a href={link(visit, '/connections')}>Connections</a>
      </nav>
      <div class="head">
        <div>
          <div class="title">
            <h1>{connection.displayName}</h1>
            <ConnectionBadge connection={connection} now={now} />
          </div>
          <p>
            {provider?.label ?? connection.provider.name} · tenant {tenantText(connection.tenantId)} ·{' '}
            <span class="mono">{connection.id}</span>
          </p>
        </div>
        <ConnectionActions
          visit={visit}
          connection={connection}
          hasConsentPage={provider?.capabilities.oauth === true}
        />
      </div>
      <OAuthReturn visit={visit} />
      {connection.needsReauthorization ? (
        <p class="notice bad">The provider took the authorization back: connect the account anew.</p>
      ) : null}
      {connection.disabledReason === null ? null : <p class="notice bad">Disabled: {connection.disabledReason}</p>}
      {connection.pausedUntil === null ? null : (
        <p class="notice warn">
          Paused until <Instant at={connection.pausedUntil} now={now} />
          {connection.pauseReason === null ? '' : `: ${connection.pauseReason}`}
        </p>
      )}
      <div class="columns">
        <section class="card" aria-labelledby="health">
          <h2 id="health">Health</h2>
          <Facts
            facts={[
              ['Enabled', connection.isEnabled ? 'Yes' : 'No'],
              ['Connected', connection.isConnected ? 'Yes' : 'No'],
              ['Refusals in a row', String(connection.authFailureCount)],
              ['Last refusal', <Instant at={connection.lastAuthFailureAt} now={now} missing="never" />],
              ['Account', connection.externalAccountId ?? 'not known'],
              ['Created', <Instant at={connection.createdAt} now={now} />],
              ['Updated', <Instant at={connection.updatedAt} now={now} />],
            ]}
          />
          <ByHand visit={visit} connection={connection} acts={acts.items} />
        </section>
        <HealthTimeline hours={hours} />
      </div>
      <ResourceSyncs visit={visit} connection={connection} resources={resources} states={states} />
      <ConnectionForms visit={visit} connection={connection} provider={provider} />
      <section class="card" aria-labelledby="calls">
        <h2 id="calls">
          Recent calls{' '}
          <a class="small" href={link(visit, '/calls', { connection: id })}>
            All
          </a>
        </h2>
        <CallsTable visit={visit} calls={calls.items} empty="Nothing was sent yet." />
      </section>
      {provider?.webhooks === null ? null : (
        <section class="card" aria-labelledby="webhooks">
          <h2 id="webhooks">
            Recent webhooks{' '}
            <a class="small" href={link(visit, '/webhooks', { connection: id })}>
              All
            </a>
          </h2>
          <WebhooksTable visit={visit} events={events.items} empty="Nothing was delivered yet." />
        </section>
      )}
    </Layout>
  )
}
