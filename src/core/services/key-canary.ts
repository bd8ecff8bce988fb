import { parseEnvelope } from '../domain/envelope.ts'
import { isConnectorsError } from '../domain/errors.ts'
import { operatorScope, type TenantId, tenantText } from '../domain/tenant.ts'
import type { ConnectionRepository } from '../ports/connection-repository.ts'
import type { Keyring } from './keyring.ts'
import type { Vault } from './vault.ts'

/** Rows looked at. */
const sampleSize = 20

/**
 * Opens a few existing rows that were sealed with a key we have, before anything is sealed with a wrong one.
 * A key is wrong if it opens none of its rows: a single row that was spoiled keeps nobody from working.
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
  const right = new Set<string>()
  const wrong = new Map<string, unknown>()
  for (const { id, tenantId, credentialsEncrypted } of items) {
    const keyId = keyIdOf(credentialsEncrypted)
    if (keyId === null || right.has(keyId) || keyring.find(keyId) === undefined) continue
    try {
      await vault.open(credentialsEncrypted, { tenant: tenantText(tenantId), connectionId: id, field: 'credentials' })
      right.add(keyId)
    } catch (error) {
      wrong.set(keyId, error)
    }
  }
  for (const [keyId, error] of wrong) if (!right.has(keyId)) throw error
}

function keyIdOf(sealed: string): string | null {
  try {
    return parseEnvelope(sealed).keyId
  } catch (error) {
    if (isConnectorsError(error, 'SEALED_VALUE_MALFORMED')) return null
    throw error
  }
}
