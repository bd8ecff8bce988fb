import type { Child } from 'hono/jsx'
import { tenantText } from '../../core/domain/tenant.ts'
import type { Health } from '../health.ts'
import { link, type Visit } from '../visit.ts'
import { ConnectionBadge } from './connection-badge.tsx'
import { Due, Instant } from './instant.tsx'

/** What somebody should look at, each with a way there. */
export function Attention({ visit, health }: { visit: Visit; health: Health }) {
  const { connections, failingSyncs, webhooks } = health
  const { now } = visit
  return (
    <div class="columns">
      <Card id="worst" title="Connections to mend" none="Every connection can be used.">
        {connections.worst.map((connection) => (
          <li>
            <div>
              <a href={link(visit, `/connections/${connection.id}`)}>{connection.displayName}</a>
              <span class="sub">{connection.disabledReason ?? connection.pauseReason ?? connection.provider.name}</span>
            </div>
            <ConnectionBadge connection={connection} now={now} />
          </li>
        ))}
      </Card>
      <Card id="failing" title="Failing syncs" none="Every sync goes well.">
        {failingSyncs.some.map(({ connectionId, resourceType, lastError, errorCount, nextSyncAt, tenantId }) => (
          <li>
            <div>
              <a href={link(visit, `/connections/${connectionId}`)}>{resourceType}</a>{' '}
              <span class="muted">of {tenantText(tenantId)}</span>
              <span class="sub clamp">{lastError}</span>
            </div>
            <span class="sub">
              {errorCount} in a row
              {nextSyncAt === null ? null : (
                <>
                  , again <Due at={nextSyncAt} now={now} />
                </>
              )}
            </span>
          </li>
        ))}
      </Card>
      <Card id="dead" title="Dead webhooks" none="No webhook was given up.">
        {webhooks.newestDead.map(({ id, eventType, provider, error, createdAt }) => (
          <li>
            <div>
              <a href={link(visit, `/webhooks/${id}`)}>{eventType}</a> <span class="muted">from {provider}</span>
              <span class="sub clamp">{error}</span>
            </div>
            <span class="sub">
              <Instant at={createdAt} now={now} />
            </span>
          </li>
        ))}
      </Card>
    </div>
  )
}

function Card({ id, title, none, children }: { id: string; title: string; none: string; children: readonly Child[] }) {
  return (
    <section class="card" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children.length === 0 ? <p class="all-well">{none}</p> : <ul class="list">{children}</ul>}
    </section>
  )
}
