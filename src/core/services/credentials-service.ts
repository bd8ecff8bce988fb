import type { CredentialsVerbs, ReencryptOptions } from '../credentials-verbs.ts'
import type { Connection } from '../domain/connection.ts'
import { ConnectorsError } from '../domain/errors.ts'
import { operatorScope, type TenantId } from '../domain/tenant.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConnectionRepository } from '../ports/connection-repository.ts'
import { abortSignal, checkFields, type FieldCheck } from './check-fields.ts'
import { countKeyUsage } from './key-usage.ts'
import type { Keyring } from './keyring.ts'
import type { Lifecycle } from './lifecycle.ts'
import { linkAbort } from './linked-abort.ts'
import { reencrypt } from './reencryption.ts'
import type { Vault } from './vault.ts'

/** Connections read at a time, where nothing else is said. */
const defaultBatchSize = 200

/** The verbs on the keys of the vault. */
export function createCredentialsService<T extends TenantId>({
  connections,
  loadKeys,
  vault,
  clock,
  lifecycle,
  options: { clockSkewMs },
}: {
  readonly connections: ConnectionRepository<T>
  readonly loadKeys: () => Promise<Keyring>
  readonly vault: Vault
  readonly clock: Clock
  readonly lifecycle: Pick<Lifecycle, 'signal'>
  readonly options: { readonly clockSkewMs: number }
}): Pick<CredentialsVerbs<T>, 'reencrypt' | 'keyUsage' | 'assertUnused'> {
  async function* all(): AsyncGenerator<Connection<T>> {
    let after: string | null = null
    do {
      const page = await connections.list({ scope: operatorScope, filter: {}, limit: 500, after })
      yield* page.items
      after = page.next
    } while (after !== null)
  }
  const keyUsage = async () => countKeyUsage(all(), vault, await loadKeys())

  return {
    keyUsage,

    reencrypt: async (options = {}) => {
      checkFields('The options of credentials.reencrypt', options, reencryptFields)
      const { batchSize = defaultBatchSize, onProgress = () => {} } = options
      const { signal, unlink } = linkAbort([options.signal, lifecycle.signal])
      try {
        const { activeKeyId } = await loadKeys()
        return await reencrypt(
          { connections, vault, clock, clockSkewMs, activeKeyId },
          { batchSize, onProgress, signal },
        )
      } finally {
        unlink()
      }
    },

    assertUnused: async (keyId) => {
      if (typeof keyId !== 'string') {
        throw new ConnectorsError('INVALID_INPUT', 'credentials.assertUnused takes the id of a key.')
      }
      const usage = await keyUsage()
      if (keyId === usage.activeKeyId) {
        throw new ConnectorsError(
          'KEY_IN_USE',
          `The key "${keyId}" is the active one: new values are sealed with it. Put another one before it first.`,
        )
      }
      const count = usage.keys.find(({ id }) => id === keyId)?.valueCount ?? 0
      if (count === 0) return
      throw new ConnectorsError(
        'KEY_IN_USE',
        `${count === 1 ? 'One value is' : `${count} values are`} sealed with the key "${keyId}", and nothing else opens them. Keep it, and call credentials.reencrypt().`,
      )
    },
  }
}

const reencryptFields = {
  batchSize: {
    is: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 1_000,
    mustBe: 'a whole number from 1 to 1,000',
  },
  onProgress: { is: (value) => typeof value === 'function', mustBe: 'a function' },
  signal: abortSignal,
} satisfies Record<keyof ReencryptOptions, FieldCheck>
