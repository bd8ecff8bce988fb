import { scrypt } from 'node:crypto'
import type { EncryptionKey } from '../ports/key-source.ts'

/** A key that opens Fernet tokens. */
export interface FernetKey {
  readonly id: string
  readonly key: Uint8Array
}

/** The keys of the process: one seals, all of them open. */
export interface Keyring {
  readonly activeKeyId: string
  /** All ids, those of Fernet keys too, in the order of the configuration. */
  readonly keyIds: readonly string[]
  /** The 32 bytes of a key, or `undefined` if the id is not configured, or a Fernet key's. */
  readonly find: (keyId: string) => Uint8Array | undefined
  readonly fernetKeys: readonly FernetKey[]
}

/**
 * Makes a keyring of the configured keys; the first is the active one.
 * A passphrase is stretched with scrypt (N = 2^15, r = 8, p = 1), salted with the key id: the same passphrase and id make the same key everywhere.
 */
export async function makeKeyring(configured: readonly EncryptionKey[]): Promise<Keyring> {
  const keys = new Map<string, Uint8Array>()
  const fernetKeys: FernetKey[] = []
  for (const { id, key, passphrase, fernet } of configured) {
    if (fernet !== undefined) fernetKeys.push({ id, key: Buffer.from(fernet, 'base64') })
    else keys.set(id, passphrase === undefined ? bytesOf(key ?? '') : await derive(passphrase, id))
  }
  const keyIds = configured.map(({ id }) => id)
  // The options demand at least one key, and that the first one seals.
  return { activeKeyId: keyIds[0] ?? '', keyIds, find: (keyId) => keys.get(keyId), fernetKeys }
}

/** A copy: whoever handed bytes in may overwrite them. */
function bytesOf(key: string | Uint8Array): Uint8Array {
  return typeof key === 'string' ? Buffer.from(key, 'base64') : Uint8Array.from(key)
}

function derive(passphrase: string, keyId: string): Promise<Uint8Array> {
  const cost = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFKC'), `bapp-connectors:${keyId}`, 32, cost, (error, key) =>
      error === null ? resolve(key) : reject(error),
    )
  })
}
