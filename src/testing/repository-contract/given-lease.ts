import assert from 'node:assert/strict'
import type { SyncState } from '../../core/domain/sync-state.ts'
import type { TenantId } from '../../core/domain/tenant.ts'
import type { SyncStateRef, SyncStateRepository } from '../../core/ports/sync-state-repository.ts'
import { instant } from '../instant.ts'
import { newId } from '../new-id.ts'
import { givenConnection } from './given-connection.ts'
import type { RepositoryContractContext } from './repository-contract-case.ts'

/** What `acquire` asks for: a minute from the first instant on, ten seconds of clock skew, a fresh row id. */
export function lease(): Parameters<SyncStateRepository<TenantId>['acquire']>[1] {
  return { id: newId(), owner: 'first', at: instant(0), leaseMs: 60_000, clockSkewMs: 10_000, begin: 'resume' }
}

/** Names a sync state of a fresh connection that has none yet. */
export async function givenSyncRef<T extends TenantId, Tx>(
  context: RepositoryContractContext<T, Tx>,
  fields: { readonly tenantId?: T } = {},
): Promise<SyncStateRef<T>> {
  const { tenantId, id } = await givenConnection(context, fields)
  return { tenantId, connectionId: id, resourceType: 'orders' }
}

/** Takes the lease of a sync state: of a fresh connection, unless one is named. */
export async function givenLease<T extends TenantId, Tx>(
  context: RepositoryContractContext<T, Tx>,
  fields: Partial<SyncStateRef<T>> = {},
): Promise<{ readonly ref: SyncStateRef<T>; readonly state: SyncState<T> }> {
  const { tenantId, connectionId } = fields
  const ref =
    tenantId !== undefined && connectionId !== undefined
      ? { tenantId, connectionId, resourceType: fields.resourceType ?? 'orders' }
      : await givenSyncRef(context, tenantId === undefined ? {} : { tenantId })
  const state = await context.repositories.syncStates.acquire(ref, lease())
  assert.ok(state, 'the lease of a fresh sync state must be free')
  return { ref, state }
}
