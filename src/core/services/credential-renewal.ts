import type { Connection } from '../domain/connection.ts'
import type { TenantId } from '../domain/tenant.ts'

/** Credentials as the provider has just given them. */
export interface RenewedCredentials {
  /** In the form that the provider's schema takes. */
  readonly credentials: unknown
  readonly tokenExpiresAt: Date | null
  readonly tokenRefreshAt: Date | null
}

/** Asks providers for new credentials in exchange for those that a connection has. */
export interface CredentialRenewal<T extends TenantId> {
  /** Whether there is anything to ask for: the credentials hold a refresh token, and the provider's application is configured. */
  readonly isRenewable: (connection: Connection<T>) => Promise<boolean>
  /**
   * One request. Whoever makes it holds the connection's refresh lease.
   *
   * @throws {ConnectorsError} `OAUTH_GRANT_INVALID` when the grant is lost; what the requests of an `OAuthClient` throw; and what
   *   opening the credentials throws.
   */
  readonly renew: (connection: Connection<T>) => Promise<RenewedCredentials>
}
