import type { CredentialsVerbs, ReencryptOptions } from '../credentials-verbs.ts'
import { ConnectorsError } from '../domain/errors.ts'
import type { Page, PageRequest } from '../domain/page.ts'
import { operatorScope, type TenantId } from '../domain/tenant.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConnectionRepository } from '../ports/connection-repository.ts'
import type { OAuthStateRepository } from '../ports/oauth-state-repository.ts'
import { abortSignal, checkFields, type FieldCheck } from './check-fields.ts'
import { countKeyUsage, type UsedValue } from './key-usage.ts'
import type { Keyring } from './keyring.ts'
import type { Lifecycle } from './lifecycle.ts'
import { linkAbort } from './linked-abort.ts'
import { sealedOAuthContext } from './oauth-context.ts'
import { reencrypt } from './reencryption.ts'
import { sealedValues } from './sealed-values.ts'
import type { Vault } from './vault.ts'

/** Connections read at a time, where nothing else is said. */
const defaultBatchSize = 200

/** The verbs on the keys of the vault. */
export function createCredentialsService<T extends TenantId>({
  connections,
  oauthStates,
  loadKeys,
  vault,
  clock,
  lifecycle,
  options: { clockSkewMs },
}: {
  readonly connections: ConnectionRepository<T>
  readonly oauthStates: Pick<OAuthStateRepository<T>, 'list'>
  readonly loadKeys: () => Promise<Keyring>
  readonly vault: Vault
  readonly clock: Clock
  readonly lifecycle: Pick<Lifecycle, 'signal'>
  readonly options: { readonly clockSkewMs: number }
}): Pick<CredentialsVerbs<T>, 'reencrypt' | 'keyUsage' | 'assertUnused'> {
  async function* all(): AsyncGenerator<UsedValue> {
    const connectionPages = pagesOf((page) => connections.list({ scope: operatorScope, filter: {}, ...page }))
    for await (const connection of connectionPages) yield* sealedValues(connection)
    const now = clock.now()
    // What has expired is never opened again.
    for await (const state of pagesOf(oauthStates.list)) if (state.expiresAt > now) yield sealedOAuthContext(state)
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
      if (usage.unreadableCount > 0 && !usage.keys.some(({ id }) => id === keyId)) {
        // A Fernet token names no key.
        throw new ConnectorsError(
          'KEY_IN_USE',
          `${usage.unreadableCount} sealed values don't say which key opens them, and it is none of those that are configured: put ${JSON.stringify(keyId)} back into encryption.keys to find out whether they need it.`,
        )
      }
      const { valueCount, authorizationsCount } = usage.keys.find(({ id }) => id === keyId) ?? noUse
      if (valueCount === 0) return
      throw new ConnectorsError(
        'KEY_IN_USE',
        `${valueCount === 1 ? 'One value is' : `${valueCount} values are`} sealed with the key "${keyId}", and nothing else opens them. Keep it, and ${
          authorizationsCount === valueCount
            ? 'ask again in ten minutes: by then the authorizations that are under way have ended.'
            : 'call credentials.reencrypt().'
        }`,
      )
    },
  }
}

const noUse = { valueCount: 0, authorizationsCount: 0 }

async function* pagesOf<Item>(read: (page: PageRequest) => Promise<Page<Item>>): AsyncGenerator<Item> {
  let after: string | null = null
  do {
    const page: Page<Item> = await read({ limit: 500, after })
    yield* page.items
    after = page.next
  } while (after !== null)
}

const reencryptFields = {
  batchSize: {
    is: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 1_000,
    mustBe: 'a whole number from 1 to 1,000',
  },
  onProgress: { is: (value) => typeof value === 'function', mustBe: 'a function' },
  signal: abortSignal,
} satisfies Record<keyof ReencryptOptions, FieldCheck>
