import type { JsonObject } from './json.ts'
import type { TenantId } from './tenant.ts'

/** One tenant's account at one provider, as stored. */
export interface Connection<T extends TenantId = TenantId> {
  /** uuid v7 in lower case, made by the application: it is part of the encryption context. */
  readonly id: string
  readonly tenantId: T
  readonly providerFamily: string
  readonly providerName: string
  readonly displayName: string
  /** Sealed credentials; empty after deletion. */
  readonly credentialsEncrypted: string
  /** Grows by one with every replacement of the credentials; outcomes of older versions are ignored. */
  readonly credentialsVersion: number
  /** Sealed list of webhook secrets, `null` if there are none. Rotating credentials leaves it alone. */
  readonly webhookSecretsEncrypted: string | null
  /** The settings that aren't secret. */
  readonly config: JsonObject
  /** Sealed settings that the provider declares secret. */
  readonly settingsEncrypted: string | null
  /** Uniqueness within (tenant, family, provider): `''` where a tenant may connect once, else the id. */
  readonly slot: string
  /** The operator's switch; also turned off by the circuit breaker. */
  readonly isEnabled: boolean
  /** Whether the last thing known is that the provider accepts the credentials. */
  readonly isConnected: boolean
  /** Consecutive authentication failures. */
  readonly authFailureCount: number
  readonly lastAuthFailureAt: Date | null
  readonly disabledReason: string | null
  readonly pausedUntil: Date | null
  readonly pauseReason: string | null
  /** When the access token stops working, where the credentials have one that does. */
  readonly tokenExpiresAt: Date | null
  /** Who refreshes the credentials right now. */
  readonly refreshLeaseOwner: string | null
  readonly refreshLeaseExpiresAt: Date | null
  /** Id of the account at the provider, once known. */
  readonly externalAccountId: string | null
  /** Grows by one with every write to the row. */
  readonly version: number
  readonly deletedAt: Date | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** What users, listeners and handlers see of a connection: no ciphertext, no secrets. */
export interface ConnectionView<T extends TenantId = TenantId> {
  readonly id: string
  readonly tenantId: T
  readonly provider: { readonly family: string; readonly name: string }
  readonly displayName: string
  readonly settings: JsonObject
  readonly isEnabled: boolean
  readonly isConnected: boolean
  readonly isOperational: boolean
  readonly authFailureCount: number
  readonly lastAuthFailureAt: Date | null
  readonly disabledReason: string | null
  readonly pausedUntil: Date | null
  readonly externalAccountId: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** Whether an operation may start on a connection, and if not, why not. */
export type GateDecision =
  | { readonly isOpen: true }
  | { readonly isOpen: false; readonly reason: 'disabled' | 'disconnected' | 'paused'; readonly message: string }

/** The gate that every run passes: enabled, connected and not paused. */
export function gate(connection: Connection, at: Date): GateDecision {
  if (!connection.isEnabled) {
    const why = connection.disabledReason === null ? '' : ` (${connection.disabledReason})`
    return {
      isOpen: false,
      reason: 'disabled',
      message: `Connection ${connection.id} is disabled${why}. Mend the cause, then call connections.enable().`,
    }
  }
  if (!connection.isConnected) {
    return {
      isOpen: false,
      reason: 'disconnected',
      message: `Connection ${connection.id} has not passed a test since it was last refused. Call connections.test().`,
    }
  }
  if (connection.pausedUntil !== null && connection.pausedUntil > at) {
    return {
      isOpen: false,
      reason: 'paused',
      message: `Connection ${connection.id} is paused until ${connection.pausedUntil.toISOString()}.`,
    }
  }
  return { isOpen: true }
}

/** The redacted view of a connection. */
export function toConnectionView<T extends TenantId>(connection: Connection<T>, at: Date): ConnectionView<T> {
  return {
    id: connection.id,
    tenantId: connection.tenantId,
    provider: { family: connection.providerFamily, name: connection.providerName },
    displayName: connection.displayName,
    // A view is handed out; the record goes on being used.
    settings: structuredClone(connection.config),
    isEnabled: connection.isEnabled,
    isConnected: connection.isConnected,
    isOperational: gate(connection, at).isOpen,
    authFailureCount: connection.authFailureCount,
    lastAuthFailureAt: connection.lastAuthFailureAt,
    disabledReason: connection.disabledReason,
    pausedUntil: connection.pausedUntil,
    externalAccountId: connection.externalAccountId,
    createdAt: connection.createdAt,
    updatedAt: connection.updatedAt,
  }
}
