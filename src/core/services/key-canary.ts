import { isConnectorsError } from '../domain/errors.ts'
import { operatorScope, type TenantId, tenantText } from '../domain/tenant.ts'
import type { ConnectionRepository } from '../ports/connection-repository.ts'
import type { Logger } from '../ports/logger.ts'
import type { Vault } from './vault.ts'

/** Rows looked at from either end. */
const sampleSize = 20

/**
 * Opens a few existing rows, the oldest and the newest, before anything is sealed with a wrong key.
 * A key is wrong if it opens none of its rows: a single row that was spoiled keeps nobody from working.
 * Keys that aren't configured here are logged and passed over: in a rolling deploy others may know newer ones.
 *
 * @throws {ConnectorsError} `WRONG_KEY` when a configured key isn't the one of that name.
 */
export async function checkKeys<T extends TenantId>(
  connections: Pick<ConnectionRepository<T>, 'list'>,
  vault: Vault,
  logger: Logger,
): Promise<void> {
  const query = { scope: operatorScope, filter: {}, limit: sampleSize, after: null }
  const oldest = await connections.list(query)
  const newest = oldest.next === null ? oldest : await connections.list({ ...query, newestFirst: true })
  const right = new Set<string>()
  const wrong = new Map<string, unknown>()
  const missing = new Map<string, string>()
  for (const { id, tenantId, credentialsEncrypted } of new Set([...oldest.items, ...newest.items])) {
    const context = { tenant: tenantText(tenantId), connectionId: id, field: 'credentials' } as const
    const keyId = (await vault.keyIdOf(credentialsEncrypted, context)) ?? 'of a Fernet token'
    if (right.has(keyId)) continue
    try {
      await vault.open(credentialsEncrypted, context)
      right.add(keyId)
    } catch (error) {
      if (isConnectorsError(error, 'SEALED_VALUE_MALFORMED')) continue
      if (isConnectorsError(error, 'UNKNOWN_KEY')) missing.set(keyId, error.message)
      else wrong.set(keyId, error)
    }
  }
  for (const [keyId, error] of wrong) if (!right.has(keyId)) throw error
  for (const [keyId, message] of missing) {
    logger.warn(
      { keyId },
      `A key is missing here, and connections that need it can't be used by this process: ${message}`,
    )
  }
}
