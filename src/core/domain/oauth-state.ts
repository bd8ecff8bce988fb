import type { TenantId } from './tenant.ts'

/** One authorization under way, from sending the user to the provider until his return. Used once. */
export interface OAuthState<T extends TenantId = TenantId> {
  /** SHA-256 of the `state` parameter, in lower-case hex: who reads the table can't use it. */
  readonly id: string
  readonly tenantId: T
  readonly providerFamily: string
  readonly providerName: string
  /** What has to be remembered until the return (verifier, redirect, actor), sealed. */
  readonly contextEncrypted: string
  /** Not accepted from then on. */
  readonly expiresAt: Date
  readonly createdAt: Date
}
