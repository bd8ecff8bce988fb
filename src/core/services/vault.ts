import { openEnvelope, parseEnvelope, type SealContext, sealEnvelope } from '../domain/envelope.ts'
import { ConnectorsError, isConnectorsError } from '../domain/errors.ts'
import { isFernetKeyOf, isFernetToken, openFernet } from '../domain/fernet.ts'
import { decodeExactly, encodeExactly } from '../domain/sealed-json.ts'
import type { Randomness } from '../ports/randomness.ts'
import { conceal } from './conceal.ts'
import type { FernetKey, Keyring } from './keyring.ts'

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
  /** Seals what a sealed value holds anew, with the active key. Throws what `open` throws. */
  readonly reseal: (sealed: string, context: SealContext) => Promise<string>
  /** Id of the key that sealed a value, without opening it; `null` if it has no such form, or is a Fernet token of nobody. */
  readonly keyIdOf: (sealed: string, context: SealContext) => Promise<string | null>
}

/** A vault over a keyring that may still be loading. */
export function createVault(loadKeyring: () => Promise<Keyring>, randomness: Randomness): Vault {
  /** Keys that have opened something: with one of these, a failure to open means tampering. */
  const proven = new Set<string>()

  const sealBytes = (keyring: Keyring, plaintext: Uint8Array, context: SealContext) => {
    const keyId = keyring.activeKeyId
    const key = requireKey(keyring, keyId, context)
    return sealEnvelope(plaintext, { keyId, key, nonce: randomness.bytes(12), context })
  }
  const openBytes = (keyring: Keyring, sealed: string, context: SealContext) => {
    if (isForeign(sealed, context)) {
      const { key } = requireFernetKey(keyring, sealed, context)
      return Buffer.from(encodeExactly(openFernet(sealed, key)))
    }
    const envelope = parseEnvelope(sealed)
    const key = requireKey(keyring, envelope.keyId, context)
    const plaintext = openEnvelope(envelope, key, context)
    if (plaintext === null) throw cannotOpen(envelope.keyId, context, proven.has(envelope.keyId))
    proven.add(envelope.keyId)
    return plaintext
  }

  return {
    seal: async (value, context) => sealBytes(await loadKeyring(), Buffer.from(encodeExactly(value)), context),
    open: async (sealed, context) => {
      const plaintext = openBytes(await loadKeyring(), sealed, context)
      return conceal(decodeExactly(plaintext.toString()))
    },
    reseal: async (sealed, context) => {
      const keyring = await loadKeyring()
      return sealBytes(keyring, openBytes(keyring, sealed, context), context)
    },
    keyIdOf: async (sealed, context) => {
      if (isForeign(sealed, context)) return findFernetKey(await loadKeyring(), sealed)?.id ?? null
      try {
        return parseEnvelope(sealed).keyId
      } catch (error) {
        if (isConnectorsError(error, 'SEALED_VALUE_MALFORMED')) return null
        throw error
      }
    },
  }
}

/** Nothing but credentials was ever stored as a Fernet token; elsewhere one would be an attempt to smuggle something in. */
function isForeign(sealed: string, { field }: SealContext): boolean {
  return field === 'credentials' && isFernetToken(sealed)
}

function findFernetKey({ fernetKeys }: Keyring, token: string): FernetKey | undefined {
  return fernetKeys.find(({ key }) => isFernetKeyOf(token, key))
}

function requireFernetKey(keyring: Keyring, token: string, context: SealContext): FernetKey {
  const found = findFernetKey(keyring, token)
  if (found !== undefined) return found
  const ids = keyring.fernetKeys.map(({ id }) => id)
  throw ids.length === 0
    ? new ConnectorsError(
        'UNKNOWN_KEY',
        `The ${context.field} of connection ${context.connectionId} are a Fernet token, and no Fernet key is configured here. ` +
          'Add { id, fernet } to encryption.keys, after the active key.',
      )
    : new ConnectorsError(
        'WRONG_KEY',
        `The ${context.field} of connection ${context.connectionId} are a Fernet token that none of the configured Fernet keys ` +
          `made (configured: ${ids.join(', ')}), or it was altered. Configure the right one.`,
      )
}

function requireKey(keyring: Keyring, keyId: string, context: SealContext): Uint8Array {
  const key = keyring.find(keyId)
  if (key !== undefined) return key
  throw new ConnectorsError(
    'UNKNOWN_KEY',
    `The ${whatOf(context)} were sealed with the key "${keyId}", which is not configured here ` +
      `(configured: ${keyring.keyIds.join(', ')}). Add it to encryption.keys, after the active key.`,
  )
}

function cannotOpen(keyId: string, context: SealContext, isKeyProven: boolean): ConnectorsError {
  const what = `The ${whatOf(context)}`
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

function whatOf({ field, connectionId }: SealContext): string {
  return field === 'oauthState' ? 'details of an authorization under way' : `${field} of connection ${connectionId}`
}
