import { tenantText } from '../../core/domain/tenant.ts'
import { countText, sumOf } from '../bounded-count.ts'
import { readHealth } from '../health.ts'
import type { PageOf } from '../pages.ts'
import { Attention } from '../ui/attention.tsx'
import { CallsChart } from '../ui/calls-chart.tsx'
import { Layout } from '../ui/layout.tsx'
import { ShareBar } from '../ui/share-bar.tsx'
import { Tile } from '../ui/tile.tsx'
import { link } from '../visit.ts'

const refreshSeconds = 30

/** How everything is doing, at a glance. */
export const overviewPage: PageOf = async (visit) => {
  const { now, sight } = visit
  const { verbs, tenantId } = sight
  const whose = tenantId === null ? '' : `tenant ${tenantText(tenantId)}`
  const [health, hours] = await Promise.all([readHealth(verbs, now), visit.hourly.lastDay({ verbs, whose, now })])
  const { connections, failingSyncs, webhooks } = health
  const failedCount = hours.reduce((sum, hour) => sum + hour.failedCount, 0)
  const callCount = hours.reduce((sum, hour) => sum + hour.okCount + hour.failedCount, 0)
  const errorRate = callCount === 0 ? null : (failedCount / callCount) * 100
  const unusable = sumOf(connections.disabled, connections.disconnected)
  const everyConnection = sumOf(connections.operational, connections.paused, unusable)
  return (
    <Layout visit={visit} title="Overview" refreshSeconds={refreshSeconds}>
      <div class="head">
        <div>
          <h1>Overview</h1>
          <p>
            {tenantId === null ? 'All tenants' : `Tenant ${tenantText(tenantId)}`}, as of{' '}
            {now.toISOString().slice(11, 16)} UTC
          </p>
        </div>
      </div>
      <div class="tiles">
        <Tile
          href={link(visit, '/connections')}
          name="Connections"
          figure={countText(everyConnection)}
          detail={`${countText(connections.operational)} operational`}
        />
        <Tile
          href={link(visit, '/connections', unusable.count === 0 ? {} : { connected: 'no' })}
          name="Unusable"
          figure={countText(unusable)}
          detail="disabled or not connected"
          tone={unusable.count === 0 ? 'good' : 'bad'}
        />
        <Tile
          href={link(visit, '/syncs', { status: 'failed' })}
          name="Failing syncs"
          figure={countText(failingSyncs.total)}
          detail="tried again by themselves"
          tone={failingSyncs.total.count === 0 ? 'good' : 'bad'}
        />
        <Tile
          href={link(visit, '/webhooks', { status: 'received' })}
          name="Webhook backlog"
          figure={countText(webhooks.waiting)}
          detail={`${countText(webhooks.unhandled)} without a handler`}
          tone={webhooks.waiting.isMore ? 'warn' : 'calm'}
        />
        <Tile
          href={link(visit, '/webhooks', { status: 'dead' })}
          name="Dead webhooks"
          figure={countText(webhooks.dead)}
          detail="not tried again"
          tone={webhooks.dead.count === 0 ? 'good' : 'bad'}
        />
        <Tile
          href={link(visit, '/calls', { status: 'failed' })}
          name="Error rate, 24 h"
          figure={errorRate === null ? '—' : `${errorRate.toFixed(1)} %`}
          detail={`${failedCount.toLocaleString('en')} of ${callCount.toLocaleString('en')} calls`}
          tone={errorRate === null ? 'calm' : errorRate < 1 ? 'good' : errorRate < 10 ? 'warn' : 'bad'}
        />
      </div>
      <div class="columns wide-first">
        <section class="card" aria-labelledby="calls">
          <h2 id="calls">Calls by hour</h2>
          <CallsChart hours={hours} label="Calls by hour" />
        </section>
        <section class="card" aria-labelledby="states">
          <h2 id="states">Connections by state</h2>
          <ShareBar
            label={`Connections by state: ${countText(connections.operational)} of ${countText(everyConnection)} are operational`}
            shares={[
              {
                label: 'Operational',
                tone: 'good',
                total: connections.operational,
                href: link(visit, '/connections', { enabled: 'yes', connected: 'yes' }),
              },
              {
                label: 'Paused',
                tone: 'warn',
                total: connections.paused,
                href: link(visit, '/connections', { enabled: 'yes', connected: 'yes' }),
              },
              {
                label: 'Not connected',
                tone: 'info',
                total: connections.disconnected,
                href: link(visit, '/connections', { enabled: 'yes', connected: 'no' }),
              },
              {
                label: 'Disabled',
                tone: 'bad',
                total: connections.disabled,
                href: link(visit, '/connections', { enabled: 'no' }),
              },
            ]}
          />
        </section>
      </div>
      <Attention visit={visit} health={health} />
    </Layout>
  )
}
