import type { AnyConnectorsError } from './errors.ts'
import type { TenantId } from './tenant.ts'

/** Credentials that are to be refreshed, ahead of the end of their access token. */
export interface DueRefresh<T extends TenantId = TenantId> {
  readonly tenantId: T
  readonly connectionId: string
  /** Since when. */
  readonly dueAt: Date
  readonly tokenExpiresAt: Date | null
}

/** What became of them. */
export type EndedRefresh<T extends TenantId = TenantId> = {
  readonly tenantId: T
  readonly connectionId: string
} & (
  | { readonly status: 'refreshed'; readonly tokenExpiresAt: Date | null; readonly error?: undefined }
  /** The grant is lost, which has been recorded; or it is tried again in 5 seconds to 5 minutes. */
  | { readonly status: 'failed'; readonly error: AnyConnectorsError }
)
