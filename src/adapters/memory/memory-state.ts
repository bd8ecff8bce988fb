import type { Connection } from '../../core/domain/connection.ts'
import type { ExecutionLog } from '../../core/domain/execution-log.ts'
import type { OAuthState } from '../../core/domain/oauth-state.ts'
import type { SyncState } from '../../core/domain/sync-state.ts'
import type { TenantId } from '../../core/domain/tenant.ts'
import type { WebhookEvent } from '../../core/domain/webhook-event.ts'
import { type Collection, collection } from './collection.ts'

/** Everything the memory repositories hold. Rows are never changed in place, only replaced. */
export interface MemoryState<T extends TenantId> {
  readonly connections: Collection<Connection<T>>
  /** Unique index of connections: (tenant, family, provider, slot) -> id. */
  readonly connectionSlots: Collection<string>
  /** Keyed by (connection, resource). */
  readonly syncStates: Collection<SyncState<T>>
  readonly webhookEvents: Collection<WebhookEvent<T>>
  /** Unique index of webhook events: (connection, idempotency key) -> id. */
  readonly webhookKeys: Collection<string>
  readonly executionLogs: Collection<ExecutionLog<T>>
  readonly oauthStates: Collection<OAuthState<T>>
}

/** Runs one verb's step on the state: all of its writes happen, or none if it throws. */
export type RunStep<T extends TenantId> = <R>(step: (state: MemoryState<T>) => R) => Promise<R>

/** A copy-on-write state over `parent`, or an empty one. */
export function memoryState<T extends TenantId>(parent: MemoryState<T> | null = null): MemoryState<T> {
  return {
    connections: collection(parent?.connections),
    connectionSlots: collection(parent?.connectionSlots),
    syncStates: collection(parent?.syncStates),
    webhookEvents: collection(parent?.webhookEvents),
    webhookKeys: collection(parent?.webhookKeys),
    executionLogs: collection(parent?.executionLogs),
    oauthStates: collection(parent?.oauthStates),
  }
}

/** Moves everything written to `state` into its parent, at once. */
export function mergeState<T extends TenantId>(state: MemoryState<T>): void {
  for (const part of Object.values(state) as Collection<unknown>[]) part.merge()
}

/** Runs `step` on a copy of `parent` and keeps what it wrote, unless it throws. */
export function atomically<T extends TenantId, R>(parent: MemoryState<T>, step: (state: MemoryState<T>) => R): R {
  const state = memoryState(parent)
  const result = step(state)
  mergeState(state)
  return result
}
