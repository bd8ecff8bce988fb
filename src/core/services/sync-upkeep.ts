import type { Listing } from '../domain/listing.ts'
import { refuseDeleted } from '../domain/refuse-deleted.ts'
import { type SyncStateView, toSyncStateView } from '../domain/sync-state.ts'
import type { Scope, TenantId } from '../domain/tenant.ts'
import type { Clock } from '../ports/clock.ts'
import type { SyncStateFilter, SyncStateRepository } from '../ports/sync-state-repository.ts'
import { checkFields, type FieldCheck, text } from './check-fields.ts'
import type { GateCopies } from './gate-copies.ts'
import { createListing } from './listing.ts'
import type { SyncService } from './sync-service.ts'

const filterFields = {
  connectionId: text,
  resourceType: text,
  status: text,
} satisfies Record<keyof SyncStateFilter, FieldCheck>

/** What people do with syncs beside running them: look where they stand, stop them, begin anew. */
export interface SyncUpkeep<T extends TenantId> {
  readonly states: (scope: Scope<T>, filter?: SyncStateFilter) => Listing<SyncStateView<T>>
  readonly interrupt: (
    scope: Scope<T>,
    connectionId: string,
    key: string,
    change: { readonly forget: boolean },
  ) => Promise<SyncStateView<T> | null>
}

/** The upkeep over the store. */
export function createSyncUpkeep<T extends TenantId>({
  syncStates,
  copies,
  sync,
  clock,
}: {
  readonly syncStates: Pick<SyncStateRepository<T>, 'list' | 'interrupt'>
  readonly copies: Pick<GateCopies<T>, 'read'>
  readonly sync: Pick<SyncService<T>, 'state'>
  readonly clock: Clock
}): SyncUpkeep<T> {
  return {
    states: (scope, filter = {}) =>
      createListing(
        async (page) => {
          checkFields('The filter of sync.states', filter, filterFields)
          return syncStates.list({ scope, filter, at: clock.now(), ...page })
        },
        (state) => toSyncStateView(state, clock.now()),
      ),
    interrupt: async (scope, connectionId, key, { forget }) => {
      // Whether there are such a connection and such a resource is said as everywhere.
      const known = await sync.state(scope, connectionId, key)
      const { tenantId } = refuseDeleted(await copies.read(scope, connectionId))
      const at = clock.now()
      const written = await syncStates.interrupt({ tenantId, connectionId, resourceType: key }, { at, forget })
      return written === null ? known : toSyncStateView(written, at)
    },
  }
}
