import type { OAuthState } from '../domain/oauth-state.ts'
import type { Page, PageRequest } from '../domain/page.ts'
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

  /** Of all tenants, the states that are stored, expired ones too, in ascending order of id. */
  readonly list: (request: PageRequest) => Promise<Page<OAuthState<T>>>

  /** Removes states that expired before an instant, at most `limit` of them; answers how many. */
  readonly prune: (query: { readonly expiredBefore: Date; readonly limit: number }) => Promise<number>
}
