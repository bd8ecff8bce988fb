import type { Connection } from '../domain/connection.ts'
import { ConnectorsError } from '../domain/errors.ts'
import type { AnyProvider } from '../domain/provider.ts'
import { checkFields, text } from './check-fields.ts'

/** The providers that are registered, by name. */
export interface ProviderRegistry {
  readonly list: (filter?: { readonly family?: string }) => readonly AnyProvider[]
  /** By `name`, or by `family.name` where two families share a name. @throws {ConnectorsError} `UNKNOWN_PROVIDER`. */
  readonly get: (name: string) => AnyProvider
  /** The provider of a connection. @throws {ConnectorsError} `UNKNOWN_PROVIDER`. */
  readonly of: (connection: Pick<Connection, 'providerFamily' | 'providerName'>) => AnyProvider
  /** @throws {ConnectorsError} `UNKNOWN_PROVIDER` when this very provider isn't registered. */
  readonly require: (provider: AnyProvider) => void
}

/**
 * A registry.
 *
 * @throws {ConnectorsError} `INVALID_OPTIONS` when two providers have the same family and name.
 */
export function createProviderRegistry(providers: readonly AnyProvider[]): ProviderRegistry {
  const byKey = new Map<string, AnyProvider>()
  for (const provider of providers) {
    const key = `${provider.family}.${provider.name}`
    if (byKey.has(key)) {
      throw new ConnectorsError('INVALID_OPTIONS', `createConnectors: providers names ${key} twice.`)
    }
    byKey.set(key, provider)
  }
  const unknown = (name: string) =>
    new ConnectorsError(
      'UNKNOWN_PROVIDER',
      `There is no provider "${name}". Registered: ${[...byKey.keys()].join(', ')}. Add it to the providers of createConnectors.`,
    )
  const find = (key: string) => {
    const provider = byKey.get(key)
    if (provider === undefined) throw unknown(key)
    return provider
  }
  return {
    list: (filter = {}) => {
      checkFields('The filter of providers.list', filter, { family: text })
      return providers.filter(({ family }) => filter.family === undefined || family === filter.family)
    },
    get: (name) => {
      if (byKey.has(name)) return find(name)
      const matches = providers.filter((provider) => provider.name === name)
      const [only] = matches
      if (only === undefined) throw unknown(name)
      if (matches.length === 1) return only
      throw new ConnectorsError(
        'UNKNOWN_PROVIDER',
        `"${name}" is a provider of several families. Say which: ${matches.map((match) => `${match.family}.${name}`).join(', ')}.`,
      )
    },
    of: (connection) => find(`${connection.providerFamily}.${connection.providerName}`),
    require: (provider) => {
      const key = `${provider?.family}.${provider?.name}`
      const registered = byKey.get(key)
      if (registered === undefined) throw unknown(key)
      if (registered === provider) return
      throw new ConnectorsError(
        'UNKNOWN_PROVIDER',
        `The provider ${key} was registered with another definition than this one. Pass the object that is in the providers of createConnectors.`,
      )
    },
  }
}
