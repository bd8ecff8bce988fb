import { openEnvelope, parseEnvelope, type SealContext, sealEnvelope } from '../domain/envelope.ts'
import { ConnectorsError } from '../domain/errors.ts'
import { decodeExactly, encodeExactly } from '../domain/sealed-json.ts'
import type { Randomness } from '../ports/randomness.ts'
import { conceal } from './conceal.ts'
import type { Keyring } from './keyring.ts'

/** Seals values before they are stored, and opens them. */
export interface Vault {
  /**
   * Seals a value with the active key, for one place only.
   *
   * @throws {UnstorableValueError} when the value has no exact text form.
   */
  readonly seal: (value: unknown, context: SealContext) => Promise<string>
  /**
   * Opens a sealed value. Opened objects print as `[redacted]` in JSON, logs and `util.inspect`.
   *
   * @throws {ConnectorsError} `UNKNOWN_KEY`, `WRONG_KEY`, `SEALED_VALUE_TAMPERED` or `SEALED_VALUE_MALFORMED`, naming the key id.
   */
  readonly open: (sealed: string, context: SealContext) => Promise<unknown>
}

/** A vault over a keyring that may still be loading. */
export function createVault(loadKeyring: () => Promise<Keyring>, randomness: Randomness): Vault {
  /** Keys that have opened something: with one of these, a failure to open means tampering. */
  const proven = new Set<string>()
  return {
    seal: async (value, context) => {
      const keyring = await loadKeyring()
      const keyId = keyring.activeKeyId
      const key = requireKey(keyring, keyId, context)
      const plaintext = Buffer.from(encodeExactly(value))
      return sealEnvelope(plaintext, { keyId, key, nonce: randomness.bytes(12), context })
    },
    open: async (sealed, context) => {
      const keyring = await loadKeyring()
      const envelope = parseEnvelope(sealed)
      const key = requireKey(keyring, envelope.keyId, context)
      const plaintext = openEnvelope(envelope, key, context)
      if (plaintext === null) throw cannotOpen(envelope.keyId, context, proven.has(envelope.keyId))
      proven.add(envelope.keyId)
      return conceal(decodeExactly(Buffer.from(plaintext).toString()))
    },
  }
}

function requireKey(keyring: Keyring, keyId: string, context: SealContext): Uint8Array {
  const key = keyring.find(keyId)
  if (key !== undefined) return key
  throw new ConnectorsError(
    'UNKNOWN_KEY',
    `The ${context.field} of connection ${context.connectionId} were sealed with the key "${keyId}", which is not configured here ` +
      `(configured: ${keyring.keyIds.join(', ')}). Add it to encryption.keys, after the active key.`,
  )
}

function cannotOpen(keyId: string, context: SealContext, isKeyProven: boolean): ConnectorsError {
  const what = `The ${context.field} of connection ${context.connectionId}`
  return isKeyProven
    ? new ConnectorsError(
        'SEALED_VALUE_TAMPERED',
        `${what} don't open with the key "${keyId}", which opens others: the sealed value was altered, or moved here from another row, field or tenant.`,
      )
    : new ConnectorsError(
        'WRONG_KEY',
        `${what} don't open with the configured key "${keyId}": it is not the key of that name that sealed them. Configure the right one.`,
      )
}
