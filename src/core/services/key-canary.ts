import { parseEnvelope } from '../domain/envelope.ts'
import { operatorScope, type TenantId, tenantText } from '../domain/tenant.ts'
import type { ConnectionRepository } from '../ports/connection-repository.ts'
import type { Keyring } from './keyring.ts'
import type { Vault } from './vault.ts'

/** Rows looked at. */
const sampleSize = 20

/**
 * Opens a few existing rows that were sealed with a key we have, before anything is sealed with a wrong one.
 * Rows of keys that aren't configured here are passed over: in a rolling deploy others may know newer keys.
 *
 * @throws {ConnectorsError} `WRONG_KEY` when a configured key isn't the one of that name.
 */
export async function checkKeys<T extends TenantId>(
  connections: ConnectionRepository<T>,
  keyring: Keyring,
  vault: Vault,
): Promise<void> {
  const { items } = await connections.list({ scope: operatorScope, filter: {}, limit: sampleSize, after: null })
  const checked = new Set<string>()
  for (const { id, tenantId, credentialsEncrypted } of items) {
    const { keyId } = parseEnvelope(credentialsEncrypted)
    if (checked.has(keyId) || keyring.find(keyId) === undefined) continue
    checked.add(keyId)
    await vault.open(credentialsEncrypted, { tenant: tenantText(tenantId), connectionId: id, field: 'credentials' })
  }
}
