import type { KeyUsage, KeyUse } from '../credentials-verbs.ts'
import type { Connection } from '../domain/connection.ts'
import type { TenantId } from '../domain/tenant.ts'
import type { Keyring } from './keyring.ts'
import { sealedValues } from './sealed-values.ts'
import type { Vault } from './vault.ts'

type Counts = { credentials: number; webhookSecrets: number; settings: number }

/** Counts the sealed values of connections by the key that sealed them. */
export async function countKeyUsage<T extends TenantId>(
  connections: AsyncIterable<Connection<T>>,
  vault: Pick<Vault, 'keyIdOf'>,
  keyring: Keyring,
): Promise<KeyUsage> {
  const { activeKeyId, keyIds } = keyring
  const none = (): Counts => ({ credentials: 0, webhookSecrets: 0, settings: 0 })
  const byKey = new Map(keyIds.map((id) => [id, none()]))
  let unreadableCount = 0
  for await (const connection of connections) {
    for (const { sealed, context } of sealedValues(connection)) {
      const keyId = await vault.keyIdOf(sealed, context)
      if (keyId === null) {
        unreadableCount += 1
        continue
      }
      const counts = byKey.get(keyId) ?? none()
      counts[context.field] += 1
      byKey.set(keyId, counts)
    }
  }
  const keys = Array.from(
    byKey,
    ([id, { credentials, webhookSecrets, settings }]): KeyUse => ({
      id,
      isActive: id === activeKeyId,
      isConfigured: keyIds.includes(id),
      valueCount: credentials + webhookSecrets + settings,
      credentialsCount: credentials,
      webhookSecretsCount: webhookSecrets,
      settingsCount: settings,
    }),
  )
  return { activeKeyId, keys, unreadableCount }
}
