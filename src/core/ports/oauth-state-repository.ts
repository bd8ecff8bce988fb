import type { OAuthState } from '../domain/oauth-state.ts'
import type { TenantId } from '../domain/tenant.ts'

/** Stores authorizations under way. See {@link RepositorySet} for the rules all verbs follow. */
export interface OAuthStateRepository<T extends TenantId> {
  /**
   * Adds a state.
   *
   * @throws {ConnectorsError} `CONFLICT` when the id is taken; `INVALID_TENANT_ID` when the store keeps the tenant's id in
   *   another spelling (a uuid in capitals).
   */
  readonly create: (state: OAuthState<T>) => Promise<void>

  /**
   * Takes a state out: of concurrent calls exactly one gets it, and nobody ever again.
   * Answers `null` if there is none or it had expired at `at`; an expired one is gone afterwards too.
   */
  readonly consume: (query: { readonly id: string; readonly at: Date }) => Promise<OAuthState<T> | null>

  /** Removes states that expired before an instant, at most `limit` of them; answers how many. */
  readonly prune: (query: { readonly expiredBefore: Date; readonly limit: number }) => Promise<number>
}
