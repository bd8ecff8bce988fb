import { ConnectorsError, isConnectorsError } from '../domain/errors.ts'
import type { AnyProvider, ParsedWebhookEvent, WebhookSupport } from '../domain/provider.ts'
import type { ResolvedOptions } from '../options.ts'
import type { ProviderRegistry } from './provider-registry.ts'

/** An app that gets the deliveries of all accounts at one address. */
export interface WebhookApp {
  readonly provider: AnyProvider
  readonly support: WebhookSupport<ParsedWebhookEvent>
  readonly accounts: NonNullable<WebhookSupport<ParsedWebhookEvent>['accounts']>
  /** All that are live. */
  readonly secrets: readonly string[]
}

/** The app of a provider (`name`, or `family.name`); `null` if there is none of that name, or nobody configured one. */
export type FindWebhookApp = (name: string) => WebhookApp | null

/**
 * The apps of the option `webhooks.apps`.
 *
 * @throws {ConnectorsError} `INVALID_OPTIONS` when one is for no provider, or for one whose deliveries don't say whom they are
 *   for, or aren't signed: anybody could write into every tenant's data then.
 */
export function createWebhookApps(
  apps: ResolvedOptions['webhooks']['apps'],
  registry: ProviderRegistry,
): FindWebhookApp {
  const byProvider = new Map<AnyProvider, WebhookApp>()
  for (const [name, { secrets }] of Object.entries(apps)) {
    const provider = registered(registry, name)
    const { webhooks: support } = provider
    const refuse = (why: string) =>
      new ConnectorsError('INVALID_OPTIONS', `createConnectors: webhooks.apps["${name}"]: the provider ${why}.`)
    if (byProvider.has(provider)) throw refuse('has two')
    if (support === null) throw refuse('declares no webhooks')
    if (support.accounts === undefined) throw refuse("doesn't say whom a delivery is for (webhooks.accounts)")
    if (support.signature.kind === 'unsigned') throw refuse('signs nothing: anybody could write to every tenant')
    // Of the support, which may be of a class.
    const accounts: WebhookApp['accounts'] = (delivery) => support.accounts?.(delivery) ?? []
    byProvider.set(provider, { provider, support, accounts, secrets })
  }
  return (name) => {
    try {
      return byProvider.get(registry.get(name)) ?? null
    } catch (error) {
      if (isConnectorsError(error, 'UNKNOWN_PROVIDER')) return null
      throw error
    }
  }
}

function registered(registry: ProviderRegistry, name: string): AnyProvider {
  try {
    return registry.get(name)
  } catch (cause) {
    const message = cause instanceof Error ? ` ${cause.message}` : ''
    throw new ConnectorsError(
      'INVALID_OPTIONS',
      `createConnectors: webhooks.apps names ${JSON.stringify(name)}.${message}`,
    )
  }
}
