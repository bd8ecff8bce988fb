import { ConnectorsError } from '../domain/errors.ts'
import type { Adapter, AnyProvider, WebhookSubscription, WebhookSubscriptions } from '../domain/provider.ts'
import { refuseDeleted } from '../domain/refuse-deleted.ts'
import type { Scope, TenantId } from '../domain/tenant.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Clock } from '../ports/clock.ts'
import type { Ids, Randomness } from '../ports/randomness.ts'
import type { ConnectionService } from './connection-service.ts'
import type { GateCopies } from './gate-copies.ts'
import type { ProviderRegistry } from './provider-registry.ts'
import type { RunOperation } from './run-operation.ts'
import type { SecretSealer, WebhookSecret } from './secret-sealer.ts'

/** What was delivered before the end of a subscription may still be on its way. */
const graceMs = 24 * 3_600_000
const secretBytes = 32

/** The verbs on what is registered at the providers, for any scope. */
export interface WebhookSubscriptionService<T extends TenantId> {
  readonly url: (scope: Scope<T>, id: string) => Promise<string>
  readonly register: (scope: Scope<T>, id: string, events: readonly string[]) => Promise<readonly WebhookSubscription[]>
  readonly list: (scope: Scope<T>, id: string) => Promise<readonly WebhookSubscription[]>
  readonly unregister: (scope: Scope<T>, id: string, subscriptionId?: string) => Promise<readonly WebhookSubscription[]>
}

/** The service through the one door. */
export function createWebhookSubscriptionService<T extends TenantId>({
  connections,
  copies,
  registry,
  sealer,
  runOperation,
  clock,
  ids,
  randomness,
  options,
}: {
  readonly connections: Pick<ConnectionService<T>, 'changeWebhookSecrets'>
  readonly copies: GateCopies<T>
  readonly registry: Pick<ProviderRegistry, 'of'>
  readonly sealer: Pick<SecretSealer, 'openWebhookSecrets'>
  readonly runOperation: RunOperation<T>
  readonly clock: Clock
  readonly ids: Ids
  readonly randomness: Randomness
  readonly options: Pick<ResolvedOptions, 'webhooks'>
}): WebhookSubscriptionService<T> {
  const find = async (scope: Scope<T>, id: string) => refuseDeleted(await copies.readFresh(scope, id))

  const urlOf = (id: string): string => {
    const { baseUrl } = options.webhooks
    if (baseUrl !== undefined) return `${baseUrl}/${encodeURIComponent(id)}`
    throw new ConnectorsError(
      'INVALID_INPUT',
      'Nobody knows where webhooks of this application are reached from outside: set the option webhooks.baseUrl.',
    )
  }

  const prepare = async (scope: Scope<T>, id: string) => {
    const connection = await find(scope, id)
    return { connection, url: urlOf(id), subscriptions: requireSubscriptions(registry.of(connection)) }
  }

  const through = <R>(
    scope: Scope<T>,
    connectionId: string,
    verb: string,
    call: Parameters<typeof runOperation<R>>[1],
  ): Promise<R> => runOperation({ scope, connectionId, action: `webhooks.${verb}`, read: 'fresh' }, call)

  /** The secret that the provider is to sign with: the current one, or a new one, which is stored before anybody uses it. */
  const currentSecret = async (scope: Scope<T>, id: string): Promise<string> => {
    const fresh = Buffer.from(randomness.bytes(secretBytes)).toString('base64url')
    const secrets = await connections.changeWebhookSecrets(scope, id, (known) =>
      known.some(isCurrent) ? known : [{ secret: fresh, expiresAt: null }, ...known],
    )
    return secrets.find(isCurrent)?.secret ?? fresh
  }

  /** Keeps the secrets that the provider made for its subscriptions, and lets go of those whose subscription is no more. */
  const keepTold = async (
    scope: Scope<T>,
    id: string,
    present: readonly (WebhookSubscription & { readonly secret?: string })[],
  ) => {
    const ends = new Date(clock.now().getTime() + graceMs)
    const told = present.flatMap(({ id: subscriptionId, secret }) =>
      secret === undefined ? [] : [{ secret, expiresAt: null, subscriptionId }],
    )
    await connections.changeWebhookSecrets(scope, id, (known) => [
      ...told,
      ...known.map((entry) => {
        const isGone =
          entry.subscriptionId !== undefined && present.every(({ id: there }) => there !== entry.subscriptionId)
        return isGone && (entry.expiresAt === null || entry.expiresAt > ends) ? { ...entry, expiresAt: ends } : entry
      }),
    ])
  }

  return {
    url: async (scope, id) => {
      await find(scope, id)
      return urlOf(id)
    },

    register: async (scope, id, events) => {
      if (
        !Array.isArray(events) ||
        events.length === 0 ||
        !events.every((event) => typeof event === 'string' && event !== '')
      ) {
        throw new ConnectorsError(
          'INVALID_INPUT',
          'webhooks.register is told the types of events, e.g. ["issues.opened"].',
        )
      }
      const { connection, url, subscriptions } = await prepare(scope, id)
      const secret = subscriptions.secret === 'given' ? await currentSecret(scope, id) : null
      const known = (await sealer.openWebhookSecrets(connection, clock.now())).flatMap(
        ({ subscriptionId }) => subscriptionId ?? [],
      )
      const request = { url, events: [...new Set(events)], secret, known, idempotencyKey: ids.next() }
      const put = await through(scope, id, 'register', ({ adapter }) => subscriptions.put(adapter, request))
      if (subscriptions.secret === 'told') await keepTold(scope, id, put)
      return put.map(({ secret: _secret, ...subscription }) => subscription)
    },

    list: async (scope, id) => {
      const { url, subscriptions } = await prepare(scope, id)
      return through(scope, id, 'subscriptions', ({ adapter }) => subscriptions.list(adapter, url))
    },

    unregister: async (scope, id, subscriptionId) => {
      const { url, subscriptions } = await prepare(scope, id)
      const left = await through(scope, id, 'unregister', async ({ adapter }) => {
        // Only what leads here: the account may have others.
        const present = await subscriptions.list(adapter, url)
        const isMeant = (subscription: WebhookSubscription) =>
          subscriptionId === undefined || subscription.id === subscriptionId
        if (subscriptionId !== undefined && !present.some(isMeant)) {
          throw new ConnectorsError(
            'INVALID_INPUT',
            `Connection ${id} has no webhook ${JSON.stringify(subscriptionId)}; there are: ${present.map((each) => each.id).join(', ') || 'none'}.`,
          )
        }
        for (const subscription of present.filter(isMeant)) await subscriptions.remove(adapter, subscription.id)
        return present.filter((subscription) => !isMeant(subscription))
      })
      if (subscriptions.secret === 'told') await keepTold(scope, id, left)
      return left
    },
  }
}

function isCurrent({ expiresAt }: WebhookSecret): boolean {
  return expiresAt === null
}

function requireSubscriptions({ name, subscriptions }: AnyProvider): WebhookSubscriptions<Adapter> {
  if (subscriptions !== null) return subscriptions
  throw new ConnectorsError(
    'WEBHOOKS_UNSUPPORTED',
    `Webhooks of ${name} can't be registered by its API. Enter the URL (webhooks.url) and the secret there by hand.`,
  )
}
