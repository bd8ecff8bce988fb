import { ConnectorsError } from '../domain/errors.ts'
import type { AnyProvider } from '../domain/provider.ts'
import { type AnyPageHandler, isPageHandler, pageHandlerShape } from './page-work.ts'
import type { ProviderRegistry } from './provider-registry.ts'

/** Finds the handler of a resource's pages. */
export interface PageHandlerRegistry {
  /** The resources that have a handler, as `family.resource`. */
  readonly resources: () => readonly string[]
  /** @throws {ConnectorsError} `HANDLER_MISSING`: pages are never fetched and thrown away. */
  readonly require: (provider: AnyProvider, resource: string) => AnyPageHandler
}

/**
 * Checks the page handlers of the options.
 *
 * @throws {ConnectorsError} `INVALID_OPTIONS` for a key that is no `family.resource` of a registered provider, or a value that is no handler.
 */
export function createPageHandlers(
  handlers: Readonly<Record<string, unknown>>,
  registry: ProviderRegistry,
): PageHandlerRegistry {
  const known = new Set(
    registry
      .list()
      .flatMap(({ family, resources }) => Object.keys(resources).map((resource) => `${family}.${resource}`)),
  )
  const checked = new Map<string, AnyPageHandler>()
  for (const [key, handler] of Object.entries(handlers)) {
    if (!known.has(key)) {
      throw new ConnectorsError(
        'INVALID_OPTIONS',
        `createConnectors: handlers has the key "${key}", but the registered providers have: ${[...known].join(', ')}.`,
      )
    }
    if (!isPageHandler(handler)) {
      throw new ConnectorsError('INVALID_OPTIONS', `createConnectors: handlers["${key}"] must be ${pageHandlerShape}.`)
    }
    checked.set(key, handler)
  }
  return {
    resources: () => [...checked.keys()],
    require: (provider, resource) => {
      const key = `${provider.family}.${resource}`
      const handler = checked.get(key)
      if (handler !== undefined) return handler
      throw new ConnectorsError(
        'HANDLER_MISSING',
        `Nothing handles the pages of ${key}, so nothing was fetched. Add handlers: { '${key}': async ({ items, tx }) => { … } } to createConnectors.`,
      )
    },
  }
}
