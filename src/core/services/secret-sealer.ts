import type { SealContext } from '../domain/envelope.ts'
import { ConnectorsError } from '../domain/errors.ts'
import { UnstorableValueError } from '../domain/sealed-json.ts'
import { type TenantId, tenantText } from '../domain/tenant.ts'
import type { Vault } from './vault.ts'

/** One secret that a provider may sign its webhooks with. */
export interface WebhookSecret {
  readonly secret: string
  /** Not accepted from then on; `null` = until it is replaced. */
  readonly expiresAt: Date | null
  /** The subscription that the provider made it for, where it makes one for each. */
  readonly subscriptionId?: string
}

interface Target {
  readonly id: string
  readonly tenantId: TenantId
}

/** Seals and opens the secret columns of a connection, each bound to its row, tenant and field. */
export interface SecretSealer {
  /** @throws {ConnectorsError} `INVALID_CREDENTIALS` when they hold something that can't be stored exactly. */
  readonly sealCredentials: (target: Target, credentials: unknown) => Promise<string>
  readonly openCredentials: (target: Target & { readonly credentialsEncrypted: string }) => Promise<unknown>
  /** The settings that are secret, by name; `null` for none. */
  readonly sealSettings: (target: Target, secrets: Readonly<Record<string, unknown>>) => Promise<string | null>
  readonly openSettings: (
    target: Target & { readonly settingsEncrypted: string | null },
  ) => Promise<Readonly<Record<string, unknown>>>
  readonly sealWebhookSecrets: (target: Target, secrets: readonly WebhookSecret[]) => Promise<string>
  /** The webhook secrets that are live at an instant; opened once for each record, as long as somebody holds that. */
  readonly openWebhookSecrets: (
    target: Target & { readonly webhookSecretsEncrypted: string | null },
    at: Date,
  ) => Promise<readonly WebhookSecret[]>
}

/** A sealer over a vault. */
export function createSecretSealer(vault: Vault): SecretSealer {
  const contextOf = ({ id, tenantId }: Target, field: SealContext['field']): SealContext => ({
    tenant: tenantText(tenantId),
    connectionId: id,
    field,
  })
  // Records are never changed: a new row is a new record.
  const openedSecrets = new WeakMap<object, readonly WebhookSecret[]>()
  return {
    sealCredentials: async (target, credentials) => {
      try {
        return await vault.seal(credentials, contextOf(target, 'credentials'))
      } catch (error) {
        if (!(error instanceof UnstorableValueError)) throw error
        throw new ConnectorsError(
          'INVALID_CREDENTIALS',
          `The credentials can't be stored: ${error.message}. Use plain values.`,
        )
      }
    },
    openCredentials: (target) => vault.open(target.credentialsEncrypted, contextOf(target, 'credentials')),
    sealSettings: async (target, secrets) =>
      Object.keys(secrets).length === 0 ? null : vault.seal(secrets, contextOf(target, 'settings')),
    openSettings: async (target) =>
      target.settingsEncrypted === null
        ? {}
        : // Only sealSettings() writes this column, and a value from elsewhere doesn't open.
          ((await vault.open(target.settingsEncrypted, contextOf(target, 'settings'))) as Record<string, unknown>),
    sealWebhookSecrets: (target, secrets) => vault.seal(secrets, contextOf(target, 'webhookSecrets')),
    openWebhookSecrets: async (target, at) => {
      const { webhookSecretsEncrypted: sealed } = target
      if (sealed === null) return []
      let secrets = openedSecrets.get(target)
      if (secrets === undefined) {
        // Only sealWebhookSecrets() writes this column, and a value from elsewhere doesn't open.
        secrets = (await vault.open(sealed, contextOf(target, 'webhookSecrets'))) as readonly WebhookSecret[]
        openedSecrets.set(target, secrets)
      }
      return secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > at)
    },
  }
}
