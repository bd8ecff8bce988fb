import type { NewConnection } from '../connectors.ts'
import type { Connection } from '../domain/connection.ts'
import type { AnyProvider } from '../domain/provider.ts'
import type { TenantId } from '../domain/tenant.ts'
import type { Clock } from '../ports/clock.ts'
import { checkCredentials, requireDisplayName, requireSecret, requireSettings } from './connection-input.ts'
import { parseSettings } from './connection-settings.ts'
import type { SecretSealer } from './secret-sealer.ts'
import type { TokenTimes } from './token-times.ts'

/**
 * Makes the row of a new connection, which is stored nowhere yet.
 *
 * @throws {ConnectorsError} `INVALID_CREDENTIALS`, `INVALID_SETTINGS`; `INVALID_INPUT` for a wrong name or webhook secret.
 */
export type PrepareConnection<T extends TenantId> = (
  target: { readonly id: string; readonly tenantId: T },
  provider: AnyProvider,
  input: NewConnection<AnyProvider>,
) => Promise<Connection<T>>

/** Makes it. */
export function createPrepareConnection<T extends TenantId>({
  sealer,
  clock,
  timesOf,
}: {
  readonly sealer: SecretSealer
  readonly clock: Clock
  readonly timesOf: (provider: AnyProvider, credentials: unknown) => TokenTimes
}): PrepareConnection<T> {
  return async (target, provider, input) => {
    const at = clock.now()
    const { config, secrets } = requireSettings(provider, await parseSettings(provider, input.settings ?? {}, null))
    const credentials = await checkCredentials(provider, input.credentials)
    return {
      ...target,
      providerFamily: provider.family,
      providerName: provider.name,
      displayName: input.displayName === undefined ? provider.label : requireDisplayName(input.displayName),
      credentialsEncrypted: await sealer.sealCredentials(target, input.credentials),
      credentialsVersion: 1,
      webhookSecretsEncrypted:
        input.webhookSecret === undefined
          ? null
          : await sealer.sealWebhookSecrets(target, [{ secret: requireSecret(input.webhookSecret), expiresAt: null }]),
      config,
      settingsEncrypted: await sealer.sealSettings(target, secrets),
      slot: provider.allowMultiple ? target.id : '',
      isEnabled: true,
      isConnected: false,
      authFailureCount: 0,
      lastAuthFailureAt: null,
      disabledReason: null,
      pausedUntil: null,
      pauseReason: null,
      pauseCount: 0,
      probeLeaseOwner: null,
      probeLeaseExpiresAt: null,
      ...timesOf(provider, credentials),
      needsReauthorization: false,
      refreshLeaseOwner: null,
      refreshLeaseExpiresAt: null,
      externalAccountId: null,
      version: 1,
      deletedAt: null,
      createdAt: at,
      updatedAt: at,
    }
  }
}
