import type { AnyConnectorsError } from './errors.ts'
import type { SyncResult } from './sync-result.ts'
import type { TenantId } from './tenant.ts'

/** What became of a sync that was due. */
export type DueRun<T extends TenantId = TenantId> = {
  readonly tenantId: T
  readonly connectionId: string
  readonly resource: string
} & (
  | { readonly result: SyncResult; readonly error?: undefined }
  /** It could not be begun: here is no such provider, resource or handler, the connection is gone, or the store is away. */
  | { readonly error: AnyConnectorsError; readonly result?: undefined }
)

/** A sync that is due. */
export interface DueSync<T extends TenantId = TenantId> {
  readonly tenantId: T
  readonly connectionId: string
  readonly resource: string
  readonly dueAt: Date
  /** Whether it is a full pass that is to begin or to go on. */
  readonly isFull: boolean
  /** Whether whoever ran it last has vanished: its lease expired. */
  readonly isAbandoned: boolean
}
