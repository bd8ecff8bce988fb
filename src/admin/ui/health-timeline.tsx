import type { ConnectionView } from '../../core/domain/connection.ts'
import type { ExecutionLog } from '../../core/domain/execution-log.ts'
import type { Hour } from '../hourly-stats.ts'
import { link, type Visit } from '../visit.ts'
import { HealthStrip } from './health-strip.tsx'
import { Instant } from './instant.tsx'

/** How a connection did in the last day, and what people did to it. */
export function HealthTimeline({
  visit,
  connection,
  hours,
  acts,
}: {
  visit: Visit
  connection: ConnectionView
  hours: readonly Hour[]
  acts: readonly ExecutionLog[]
}) {
  return (
    <section class="card" aria-labelledby="timeline">
      <h2 id="timeline">Health in the last 24 hours</h2>
      <HealthStrip hours={hours} />
      <h3>What was done by hand</h3>
      {acts.length === 0 ? (
        <p class="all-well">Nobody did anything to this connection.</p>
      ) : (
        <ol class="list">
          {acts.map(({ action, actor, responsePayload, createdAt }) => (
            <li>
              <div>
                {action} <span class="muted">by {actor}</span>
                <span class="sub clamp">{responsePayload}</span>
              </div>
              <span class="sub">
                <Instant at={createdAt} now={visit.now} />
              </span>
            </li>
          ))}
        </ol>
      )}
      <p class="more">
        <a href={link(visit, '/activity', { connection: connection.id })}>All that was done</a>
      </p>
    </section>
  )
}
