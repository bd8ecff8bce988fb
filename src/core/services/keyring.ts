import { scrypt } from 'node:crypto'
import type { ResolvedOptions } from '../options.ts'

/** The keys of the process: one seals, all of them open. */
export interface Keyring {
  readonly activeKeyId: string
  readonly keyIds: readonly string[]
  /** The 32 bytes of a key, or `undefined` if the id is not configured. */
  readonly find: (keyId: string) => Uint8Array | undefined
}

/**
 * Loads the configured keys; the first is the active one.
 * A passphrase is stretched with scrypt (N = 2^15, r = 8, p = 1), salted with the key id: the same passphrase and id make the same key everywhere.
 */
export async function loadKeyring(configured: ResolvedOptions['encryption']['keys']): Promise<Keyring> {
  const keys = new Map<string, Uint8Array>()
  for (const { id, key, passphrase } of configured) {
    keys.set(id, passphrase === undefined ? Buffer.from(key ?? '', 'base64') : await derive(passphrase, id))
  }
  const keyIds = [...keys.keys()]
  // The options demand at least one key.
  return { activeKeyId: keyIds[0] ?? '', keyIds, find: (keyId) => keys.get(keyId) }
}

function derive(passphrase: string, keyId: string): Promise<Uint8Array> {
  const cost = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFKC'), `bapp-connectors:${keyId}`, 32, cost, (error, key) =>
      error === null ? resolve(key) : reject(error),
    )
  })
}
