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
  /** Nothing is sent before this instant. After it one call goes first, and only the provider's answer ends the pause. */
  readonly pausedUntil: Date | null
  readonly pauseReason: string | null
  /** Outages that were met since the provider last answered. */
  readonly pauseCount: number
  /** Whose call goes first after a pause. */
  readonly probeLeaseOwner: string | null
  readonly probeLeaseExpiresAt: Date | null
  /** When the access token stops working, where the credentials have one that does. */
  readonly tokenExpiresAt: Date | null
  /** From when on the credentials are renewed, ahead of the end of their access token; `null` = never. */
  readonly tokenRefreshAt: Date | null
  /** Whether the provider takes the grant back: only the person who gave it can give another. */
  readonly needsReauthorization: boolean
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
  /** The end of a pause; in the past while the call that goes first afterwards has not been answered. */
  readonly pausedUntil: Date | null
  readonly pauseReason: string | null
  /** Outages that were met since the provider last answered. */
  readonly pauseCount: number
  /** When the access token stops working, where the credentials have one that does. */
  readonly tokenExpiresAt: Date | null
  /** Whether the person who connected the account has to do so again: the grant was revoked or has expired. */
  readonly needsReauthorization: boolean
  readonly externalAccountId: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** Whether an operation may start on a connection, and if not, why not. */
export type GateDecision =
  | {
      readonly isOpen: true
      /** Whether a pause is over and nobody knows yet whether the provider answers again: one call has to go first. */
      readonly needsProbe: boolean
    }
  | { readonly isOpen: false; readonly reason: 'disabled' | 'disconnected' | 'paused'; readonly message: string }

/** The gate that every run passes: enabled, connected and not paused. After a pause it is open for one call, the probe. */
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
      message: connection.needsReauthorization
        ? `The authorization of connection ${connection.id} was revoked or has expired. Connect the account anew, with oauth.authorize({ connectionId }).`
        : `Connection ${connection.id} has not passed a test since it was last refused. Call connections.test().`,
    }
  }
  const { pausedUntil, pauseReason, probeLeaseExpiresAt } = connection
  if (pausedUntil === null) return { isOpen: true, needsProbe: false }
  if (pausedUntil > at) {
    const why = pauseReason === null ? '' : ` (${pauseReason})`
    return {
      isOpen: false,
      reason: 'paused',
      message: `Connection ${connection.id} is paused until ${pausedUntil.toISOString()}${why}. To end the pause now, call connections.resume().`,
    }
  }
  if (probeLeaseExpiresAt !== null && probeLeaseExpiresAt > at) return probedByAnother(connection)
  return { isOpen: true, needsProbe: true }
}

/** What the gate says while one call goes first after a pause: the others wait for what it finds. */
export function probedByAnother(connection: Connection): GateDecision & { readonly isOpen: false } {
  return {
    isOpen: false,
    reason: 'paused',
    message: `Connection ${connection.id} was paused, and one call is finding out whether the provider answers again. Try again when it has.`,
  }
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
    pauseReason: connection.pauseReason,
    pauseCount: connection.pauseCount,
    tokenExpiresAt: connection.tokenExpiresAt,
    needsReauthorization: connection.needsReauthorization,
    externalAccountId: connection.externalAccountId,
    createdAt: connection.createdAt,
    updatedAt: connection.updatedAt,
  }
}
