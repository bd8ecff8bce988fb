import type { Connection } from '../domain/connection.ts'
import { ConnectorsError, isConnectorsError } from '../domain/errors.ts'
import type {
  Adapter,
  AnyProvider,
  SubscriptionRequest,
  WebhookSubscription,
  WebhookSubscriptions,
} from '../domain/provider.ts'
import { refuseDeleted } from '../domain/refuse-deleted.ts'
import type { Scope, TenantId } from '../domain/tenant.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Clock } from '../ports/clock.ts'
import type { Ids, Randomness } from '../ports/randomness.ts'
import { checkFields, flag } from './check-fields.ts'
import type { ConnectionService } from './connection-service.ts'
import type { GateCopies } from './gate-copies.ts'
import type { OAuthApps } from './oauth-apps.ts'
import type { ProviderRegistry } from './provider-registry.ts'
import type { RunOperation } from './run-operation.ts'
import type { SecretSealer, WebhookSecret } from './secret-sealer.ts'

/** What was delivered before the end of a subscription may still be on its way. */
const graceMs = 24 * 3_600_000
const secretBytes = 32

/** One as it was made, with the secret that goes with it if the provider told it. */
type MadeSubscription = WebhookSubscription & { readonly secret?: string }

/** The verbs on what is registered at the providers, for any scope. */
export interface WebhookSubscriptionService<T extends TenantId> {
  readonly url: (scope: Scope<T>, id: string) => Promise<string>
  readonly register: (
    scope: Scope<T>,
    id: string,
    events: readonly string[],
    options?: { readonly newSecret?: boolean },
  ) => Promise<readonly WebhookSubscription[]>
  readonly list: (scope: Scope<T>, id: string) => Promise<readonly WebhookSubscription[]>
  readonly unregister: (scope: Scope<T>, id: string, subscriptionId?: string) => Promise<readonly WebhookSubscription[]>
}

/** The service through the one door. */
export function createWebhookSubscriptionService<T extends TenantId>({
  connections,
  copies,
  registry,
  apps,
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
  readonly apps: Pick<OAuthApps, 'secretOf'>
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
    const provider = registry.of(connection)
    return { connection, provider, url: urlOf(id), subscriptions: requireSubscriptions(provider) }
  }

  const through = <R>(
    scope: Scope<T>,
    connectionId: string,
    verb: string,
    call: Parameters<typeof runOperation<R>>[1],
  ): Promise<R> => runOperation({ scope, connectionId, action: `webhooks.${verb}`, read: 'fresh' }, call)

  const graceEnd = () => new Date(clock.now().getTime() + graceMs)

  /** The secret that the provider is to sign with: the current one, or a new one, which is stored before anybody uses it. */
  const currentSecret = async (scope: Scope<T>, id: string, isNew: boolean): Promise<string> => {
    const fresh = Buffer.from(randomness.bytes(secretBytes)).toString('base64url')
    const secrets = await connections.changeWebhookSecrets(scope, id, (known) => {
      if (!isNew && known.some(isCurrent)) return known
      return [{ secret: fresh, expiresAt: null }, ...known.map((entry) => endBy(graceEnd(), entry))]
    })
    return secrets.find(isCurrent)?.secret ?? fresh
  }

  /**
   * Keeps the secrets that the provider told for its subscriptions, and lets go of those that they follow, or whose subscription
   * has ended. What another call has registered meanwhile is none of its business: its secret stays.
   */
  const keepTold = async (scope: Scope<T>, id: string, made: readonly MadeSubscription[], ended: readonly string[]) => {
    const told = made.flatMap(({ id: subscriptionId, secret }) =>
      secret === undefined ? [] : [{ secret, expiresAt: null, subscriptionId }],
    )
    if (told.length === 0 && ended.length === 0) return
    const isEnded = ({ subscriptionId }: WebhookSecret) =>
      subscriptionId !== undefined && ended.includes(subscriptionId)
    // Some tell the same one at each call, and each delivery is tried with all that are kept.
    const isToldAgain = ({ subscriptionId, secret }: WebhookSecret) =>
      told.some((each) => each.subscriptionId === subscriptionId && each.secret === secret)
    const isFollowed = ({ subscriptionId }: WebhookSecret) =>
      told.some((each) => each.subscriptionId === subscriptionId)
    await connections.changeWebhookSecrets(scope, id, (known) => [
      ...told,
      ...known
        .filter((entry) => !isToldAgain(entry))
        .map((entry) => (isEnded(entry) || isFollowed(entry) ? endBy(graceEnd(), entry) : entry)),
    ])
  }

  const knownIds = async (connection: Connection<T>) =>
    (await sealer.openWebhookSecrets(connection, clock.now())).flatMap(({ subscriptionId }) => subscriptionId ?? [])

  return {
    url: async (scope, id) => {
      await find(scope, id)
      return urlOf(id)
    },

    register: async (scope, id, events, registration = {}) => {
      checkFields('The options of webhooks.register', registration, { newSecret: flag })
      const { newSecret: isNew = false } = registration
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
      const { connection, provider, url, subscriptions } = await prepare(scope, id)
      const isTold = subscriptions.secret === 'told'
      const secret = isTold ? null : await currentSecret(scope, id, isNew)
      const kept = await knownIds(connection)
      const appSecret = apps.secretOf(provider)
      const request = { url, events: [...new Set(events)], secret, appSecret, known: isNew ? [] : kept }
      const { before, made } = await through(scope, id, 'register', async ({ adapter }) => ({
        before: await subscriptions.list(adapter, url),
        made: await putOnce(subscriptions, adapter, { ...request, idempotencyKey: ids.next() }),
      }))
      const isReplaced = (subscriptionId: string) => made.every((each) => each.id !== subscriptionId)
      // Before anything else can fail: nobody tells them again, and until then the former ones go on.
      if (isTold) await keepTold(scope, id, made, kept.filter(isReplaced))
      // Only what was there before: another call may be at it, too, and none must end what the other has just made.
      const former = before.filter((each) => isReplaced(each.id))
      if (former.length > 0) {
        await through(scope, id, 'register', async ({ adapter }) => {
          for (const each of former) await end(subscriptions, adapter, each.id)
        })
      }
      return made.map(({ secret: _secret, ...subscription }) => subscription)
    },

    list: async (scope, id) => {
      const { url, subscriptions } = await prepare(scope, id)
      return through(scope, id, 'subscriptions', ({ adapter }) => subscriptions.list(adapter, url))
    },

    unregister: async (scope, id, subscriptionId) => {
      const { connection, url, subscriptions } = await prepare(scope, id)
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
        for (const subscription of present.filter(isMeant)) await end(subscriptions, adapter, subscription.id)
        return present.filter((subscription) => !isMeant(subscription))
      })
      if (subscriptions.secret === 'told') {
        const isLeft = (known: string) => left.some((subscription) => subscription.id === known)
        await keepTold(
          scope,
          id,
          [],
          (await knownIds(connection)).filter((known) => !isLeft(known)),
        )
      }
      return left
    },
  }
}

/**
 * What was made or changed, without twins: of two calls at once both may have made one for the same events, and a provider
 * that numbers its deliveries by webhook would have each of them handled twice. Both calls keep the elder.
 */
async function putOnce(
  subscriptions: WebhookSubscriptions<Adapter>,
  adapter: Adapter,
  request: SubscriptionRequest,
): Promise<readonly MadeSubscription[]> {
  const put = await subscriptions.put(adapter, request)
  // Each has a secret of its own then, and what one delivers is known when it comes by the other.
  if (subscriptions.secret === 'told') return put
  const present = await subscriptions.list(adapter, request.url)
  const elderOf = (made: WebhookSubscription) => present.find((twin) => isElder(twin, made) && sameEvents(twin, made))
  const younger = put.filter((made) => elderOf(made) !== undefined)
  if (younger.length === 0) return put
  for (const { id } of younger) await end(subscriptions, adapter, id)
  // The elder ones are told our secret, which may be newer than theirs.
  return subscriptions.put(adapter, request)
}

function isElder({ id }: WebhookSubscription, { id: other }: WebhookSubscription): boolean {
  return id.length === other.length ? id < other : id.length < other.length
}

function sameEvents({ events }: WebhookSubscription, { events: others }: WebhookSubscription): boolean {
  return events.length === others.length && events.every((event) => others.includes(event))
}

/** Ends a subscription; one that is gone has ended. */
async function end(subscriptions: WebhookSubscriptions<Adapter>, adapter: Adapter, id: string): Promise<void> {
  try {
    await subscriptions.remove(adapter, id)
  } catch (error) {
    const isGone = isConnectorsError(error, 'PROVIDER_REJECTED') && (error.status === 404 || error.status === 410)
    if (!isGone) throw error
  }
}

/** A secret that ends at an instant, if it doesn't end before. */
function endBy(end: Date, entry: WebhookSecret): WebhookSecret {
  return entry.expiresAt === null || entry.expiresAt > end ? { ...entry, expiresAt: end } : entry
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
