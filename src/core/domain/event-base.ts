import type { Connection } from './connection.ts'
import type { EventBase } from './events.ts'
import type { TenantId } from './tenant.ts'

/** The part of an event that every one has. */
export function eventBase<T extends TenantId>(connection: Connection<T>, at: Date): EventBase<T> {
  return {
    at,
    tenantId: connection.tenantId,
    connectionId: connection.id,
    provider: { family: connection.providerFamily, name: connection.providerName },
  }
}
