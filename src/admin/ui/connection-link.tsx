import { type TenantId, tenantText } from '../../core/domain/tenant.ts'
import type { ConnectionNames } from '../connection-names.ts'
import { link, type Visit } from '../visit.ts'

/** The connection that a row belongs to: a way to it, as long as there is one. */
export function ConnectionLink({
  visit,
  names,
  row: { connectionId, tenantId },
}: {
  visit: Visit
  names: ConnectionNames
  row: { readonly connectionId: string; readonly tenantId: TenantId }
}) {
  const name = names.get(connectionId)
  return (
    <>
      {name === undefined ? (
        <span class="muted">deleted ({connectionId.slice(-8)})</span>
      ) : (
        <a href={link(visit, `/connections/${connectionId}`)}>{name}</a>
      )}
      <span class="sub">{tenantText(tenantId)}</span>
    </>
  )
}
