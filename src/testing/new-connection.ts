import type { Connection } from '../core/domain/connection.ts'
import type { TenantId } from '../core/domain/tenant.ts'
import { instant } from './instant.ts'
import { newId } from './new-id.ts'

/** A connection record for tests: enabled, connected, healthy, in a slot of its own. */
export function newConnection<T extends TenantId>(
  fields: Partial<Connection<T>> & { readonly tenantId: T },
): Connection<T> {
  const id = newId()
  return {
    id,
    providerFamily: 'code',
    providerName: 'github',
    displayName: 'GitHub',
    credentialsEncrypted: 'v1.key.nonce.sealed',
    credentialsVersion: 1,
    webhookSecretsEncrypted: null,
    config: {},
    settingsEncrypted: null,
    slot: fields.id ?? id,
    isEnabled: true,
    isConnected: true,
    authFailureCount: 0,
    lastAuthFailureAt: null,
    disabledReason: null,
    pausedUntil: null,
    pauseReason: null,
    pauseCount: 0,
    probeLeaseOwner: null,
    probeLeaseExpiresAt: null,
    tokenExpiresAt: null,
    tokenRefreshAt: null,
    needsReauthorization: false,
    refreshLeaseOwner: null,
    refreshLeaseExpiresAt: null,
    externalAccountId: null,
    version: 1,
    deletedAt: null,
    createdAt: instant(0),
    updatedAt: instant(0),
    ...fields,
  }
}
