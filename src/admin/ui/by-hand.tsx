import type { ConnectionView } from '../../core/domain/connection.ts'
import type { ExecutionLog } from '../../core/domain/execution-log.ts'
import { link, type Visit } from '../visit.ts'
import { Instant } from './instant.tsx'

/** What people did to a connection, newest first. */
export function ByHand({
  visit,
  connection,
  acts,
}: {
  visit: Visit
  connection: ConnectionView
  acts: readonly ExecutionLog[]
}) {
  if (acts.length === 0) return null
  return (
    <>
      <h3>
        Done by hand{' '}
        <a class="small" href={link(visit, '/activity', { connection: connection.id })}>
          All
        </a>
      </h3>
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
    </>
  )
}
