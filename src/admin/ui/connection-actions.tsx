import type { ConnectionView } from '../../core/domain/connection.ts'
import type { Visit } from '../visit.ts'
import { ActionForm } from './action-form.tsx'

/** What can be done to a connection at once, by one button. */
export function ConnectionActions({
  visit,
  connection,
  hasConsentPage,
}: {
  visit: Visit
  connection: ConnectionView
  /** Whether the account can be connected anew at the provider. */
  hasConsentPage: boolean
}) {
  const path = `/connections/${connection.id}`
  return (
    <div class="actions">
      <ActionForm visit={visit} action={`${path}/test`} needs="operate" label="Test" tone="primary" />
      {connection.isEnabled ? null : (
        <ActionForm visit={visit} action={`${path}/enable`} needs="operate" label="Enable" />
      )}
      {hasConsentPage ? (
        <ActionForm visit={visit} action={`${path}/reconnect`} needs="manage" label="Reconnect" />
      ) : null}
      {connection.pausedUntil === null ? null : (
        <ActionForm visit={visit} action={`${path}/resume`} needs="operate" label="Resume" />
      )}
    </div>
  )
}
