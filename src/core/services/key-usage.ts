import type { KeyUsage, KeyUse } from '../credentials-verbs.ts'
import type { SealContext } from '../domain/envelope.ts'
import type { Keyring } from './keyring.ts'
import type { Vault } from './vault.ts'

type Counts = Record<SealContext['field'], number>

/** A sealed value, and where it belongs. */
export interface UsedValue {
  readonly sealed: string
  readonly context: SealContext
}

/** Counts sealed values by the key that sealed them. */
export async function countKeyUsage(
  values: AsyncIterable<UsedValue>,
  vault: Pick<Vault, 'keyIdOf'>,
  { activeKeyId, keyIds }: Keyring,
): Promise<KeyUsage> {
  const none = (): Counts => ({ credentials: 0, webhookSecrets: 0, settings: 0, oauthState: 0 })
  const byKey = new Map(keyIds.map((id) => [id, none()]))
  let unreadableCount = 0
  for await (const { sealed, context } of values) {
    const keyId = await vault.keyIdOf(sealed, context)
    if (keyId === null) {
      unreadableCount += 1
      continue
    }
    const counts = byKey.get(keyId) ?? none()
    counts[context.field] += 1
    byKey.set(keyId, counts)
  }
  const keys = Array.from(
    byKey,
    ([id, counts]): KeyUse => ({
      id,
      isActive: id === activeKeyId,
      isConfigured: keyIds.includes(id),
      valueCount: Object.values(counts).reduce((sum, count) => sum + count, 0),
      credentialsCount: counts.credentials,
      webhookSecretsCount: counts.webhookSecrets,
      settingsCount: counts.settings,
      authorizationsCount: counts.oauthState,
    }),
  )
  return { activeKeyId, keys, unreadableCount }
}
