import type { ConnectionVerbs, OperatorConnectors, TenantConnectors } from './connectors.ts'
import type { Services } from './create-services.ts'
import type { Listing } from './domain/listing.ts'
import type { AnyProvider } from './domain/provider.ts'
import { operatorScope, type Scope, type TenantId, tenantScope } from './domain/tenant.ts'
import type { OAuthVerbs } from './oauth-verbs.ts'
import type { WebhookEventFilter } from './ports/webhook-event-repository.ts'
import type { Lifecycle } from './services/lifecycle.ts'
import { createListing } from './services/listing.ts'
import type { WebhookVerbs } from './webhook-verbs.ts'

/** The services, as one scope or another sees them. */
export interface Facade<T extends TenantId> {
  /** @throws {ConnectorsError} `INVALID_TENANT_ID`. */
  readonly in: (tenantId: T) => TenantConnectors<AnyProvider, T>
  readonly operator: OperatorConnectors<AnyProvider, T>
}

/** A facade whose every verb passes the lifecycle: not after close, not inside a transaction, not before ready. */
export function createFacade<T extends TenantId>({
  verb,
  droppedCount,
  now,
  handled,
}: {
  readonly verb: Lifecycle<Services<T>>['verb']
  readonly droppedCount: () => number
  readonly now: () => Date
  readonly handled: OperatorConnectors<AnyProvider, T>['handled']
}): Facade<T> {
  const guardListing = <Item>(name: string, list: (services: Services<T>) => Listing<Item>): Listing<Item> =>
    createListing(
      (request) => verb(name, (services) => list(services).page(request)),
      (item) => item,
    )

  const scoped = (
    scope: Scope<T>,
  ): Omit<TenantConnectors<AnyProvider, T>, 'connections' | 'oauth'> & {
    readonly connections: Omit<ConnectionVerbs<AnyProvider, T>, 'create'>
  } => ({
    connections: {
      get: (id) => verb('connections.get', ({ connections }) => connections.get(scope, id)),
      list: (filter) => guardListing('connections.list', ({ connections }) => connections.list(scope, filter)),
      update: (id, change) => verb('connections.update', ({ connections }) => connections.update(scope, id, change)),
      validateSettings: (id, settings) =>
        verb('connections.validateSettings', ({ connections }) => connections.validateSettings(scope, id, settings)),
      updateSettings: (id, settings, provider) =>
        verb('connections.updateSettings', ({ connections }) =>
          connections.updateSettings(scope, id, settings, provider),
        ),
      rotateCredentials: (id, credentials, provider) =>
        verb('connections.rotateCredentials', ({ connections }) =>
          connections.rotateCredentials(scope, id, credentials, provider),
        ),
      rotateWebhookSecret: (id, change) =>
        verb('connections.rotateWebhookSecret', ({ connections }) =>
          connections.rotateWebhookSecret(scope, id, change),
        ),
      disable: (id, change) => verb('connections.disable', ({ connections }) => connections.disable(scope, id, change)),
      pause: (id, request) => verb('connections.pause', ({ connections }) => connections.pause(scope, id, request)),
      resume: (id) => verb('connections.resume', ({ connections }) => connections.resume(scope, id)),
      delete: (id) => verb('connections.delete', ({ connections }) => connections.delete(scope, id)),
      test: (id) => verb('connections.test', ({ access }) => access.test(scope, id)),
      enable: (id) => verb('connections.enable', ({ access }) => access.enable(scope, id)),
      choices: (id, field, options) =>
        verb('connections.choices', ({ access }) => access.choices(scope, id, field, options)),
      call: (id, call) => verb('connections.call', ({ calls }) => calls.call(scope, id, call)),
      checkCall: (id, call) => verb('connections.checkCall', ({ calls }) => calls.check(scope, id, call)),
      adapter: adapterVerb(scope),
    },
    sync: {
      page: (id, resource, options) => verb('sync.page', ({ sync }) => sync.page(scope, id, resource, options)),
      run: (id, resource, options) => verb('sync.run', ({ sync }) => sync.run(scope, id, resource, 'resume', options)),
      full: (id, resource, options) => verb('sync.full', ({ sync }) => sync.run(scope, id, resource, 'full', options)),
      schedule: (id, resource, request) =>
        verb('sync.schedule', ({ schedules }) => schedules.schedule(scope, id, resource, request)),
      request: (id, resource, options) =>
        verb('sync.request', ({ schedules }) => schedules.request(scope, id, resource, options)),
      unschedule: (id, resource) =>
        verb('sync.unschedule', ({ schedules }) => schedules.unschedule(scope, id, resource)),
      pause: (id, resource) => verb('sync.pause', ({ schedules }) => schedules.setPaused(scope, id, resource, true)),
      resume: (id, resource) => verb('sync.resume', ({ schedules }) => schedules.setPaused(scope, id, resource, false)),
      states: (filter) => guardListing('sync.states', ({ syncUpkeep }) => syncUpkeep.states(scope, filter)),
      cancel: (id, key) =>
        verb('sync.cancel', ({ syncUpkeep }) => syncUpkeep.interrupt(scope, id, key, { forget: false })),
      reset: (id, key) =>
        verb('sync.reset', ({ syncUpkeep }) => syncUpkeep.interrupt(scope, id, key, { forget: true })),
      state: (id, key) => verb('sync.state', ({ sync }) => sync.state(scope, id, key)),
    },
    webhooks: {
      receive: (id, delivery, overrides) =>
        verb('webhooks.receive', ({ webhooks }) => webhooks.receive(scope, id, delivery, overrides)),
      process: (eventId, options) =>
        verb('webhooks.process', ({ webhooks }) => webhooks.process(scope, eventId, options)),
      processDue: (options) => verb('webhooks.processDue', ({ webhooks }) => webhooks.processDue(scope, options)),
      list: (filter) => guardListing('webhooks.list', ({ webhooks }) => webhooks.list(scope, filter)),
      get: (eventId) => verb('webhooks.get', ({ webhooks }) => webhooks.get(scope, eventId)),
      replay: replayVerb(scope),
      url: (id) => verb('webhooks.url', ({ subscriptions }) => subscriptions.url(scope, id)),
      register: (id, events, options) =>
        verb('webhooks.register', ({ subscriptions }) => subscriptions.register(scope, id, events, options)),
      subscriptions: (id) => verb('webhooks.subscriptions', ({ subscriptions }) => subscriptions.list(scope, id)),
      unregister: (id, subscriptionId) =>
        verb('webhooks.unregister', ({ subscriptions }) => subscriptions.unregister(scope, id, subscriptionId)),
      skip: (eventId, change) => verb('webhooks.skip', ({ webhooks }) => webhooks.skip(scope, eventId, change)),
    },
    executions: {
      list: (filter) => guardListing('executions.list', ({ executions }) => executions.list(scope, filter)),
      stats: (request) => verb('executions.stats', ({ executions }) => executions.stats(scope, request)),
      record: (act) => verb('executions.record', ({ executions }) => executions.record(scope, act)),
    },
  })

  const adapterVerb = (scope: Scope<T>): ConnectionVerbs<AnyProvider, T>['adapter'] =>
    // The methods are those that the provider built, which is what its type says.
    ((id: string, provider: AnyProvider) =>
      verb('connections.adapter', ({ access }) => access.adapter(scope, id, provider))) as ConnectionVerbs<
      AnyProvider,
      T
    >['adapter']

  const replayVerb = (scope: Scope<T>): WebhookVerbs<AnyProvider, T>['replay'] =>
    // What it answers depends on what it is given, as the overloads say.
    ((target: string | WebhookEventFilter) =>
      verb<unknown>('webhooks.replay', ({ webhooks }) => webhooks.replay(scope, target))) as WebhookVerbs<
      AnyProvider,
      T
    >['replay']

  const callbackVerb =
    (scope: Scope<T>): OAuthVerbs<AnyProvider, T>['callback'] =>
    (returned) =>
      verb('oauth.callback', async ({ oauth }) => (await oauth()).callback(scope, returned))

  const acrossTenants = scoped(operatorScope)
  const operator: OperatorConnectors<AnyProvider, T> = {
    ...acrossTenants,
    connections: {
      ...acrossTenants.connections,
      setExternalAccount: (id, account) =>
        verb('connections.setExternalAccount', ({ connections }) =>
          connections.setExternalAccount(operatorScope, id, account),
        ),
    },
    sync: {
      ...acrossTenants.sync,
      runDue: (options) => verb('sync.runDue', ({ dueSyncs }) => dueSyncs.run(options)),
      due: (options) => verb('sync.due', ({ dueSyncs }) => dueSyncs.list(options)),
      runIfDue: (id, resource, limits) =>
        verb('sync.runIfDue', ({ dueSyncs }) => dueSyncs.runOne(id, resource, limits)),
    },
    webhooks: {
      ...acrossTenants.webhooks,
      receiveForApp: (provider, delivery) =>
        verb('webhooks.receiveForApp', ({ receiveForApp }) => receiveForApp(provider, delivery)),
      due: (options) => verb('webhooks.due', ({ webhooks }) => webhooks.due(options)),
      prune: (options) => verb('webhooks.prune', ({ webhooks }) => webhooks.prune(options)),
    },
    credentials: {
      due: (options) => verb('credentials.due', ({ dueRefreshes }) => dueRefreshes.list(options)),
      refreshDue: (options) => verb('credentials.refreshDue', ({ dueRefreshes }) => dueRefreshes.run(options)),
      refreshIfDue: (id) => verb('credentials.refreshIfDue', ({ dueRefreshes }) => dueRefreshes.runOne(id)),
      reencrypt: (options) => verb('credentials.reencrypt', ({ credentials }) => credentials.reencrypt(options)),
      keyUsage: () => verb('credentials.keyUsage', ({ credentials }) => credentials.keyUsage()),
      assertUnused: (keyId) => verb('credentials.assertUnused', ({ credentials }) => credentials.assertUnused(keyId)),
    },
    oauth: {
      callback: callbackVerb(operatorScope),
      prune: () => verb('oauth.prune', async ({ oauth }) => (await oauth()).prune()),
    },
    executions: {
      ...acrossTenants.executions,
      prune: (options) => verb('executions.prune', ({ executions }) => executions.prune(options)),
      droppedCount,
    },
    now,
    handled,
  }

  return {
    operator,
    in: (tenantId) => {
      const scope = tenantScope(tenantId)
      const verbs = scoped(scope)
      return {
        ...verbs,
        oauth: {
          authorize: (request) =>
            verb('oauth.authorize', async ({ oauth }) => (await oauth()).authorize(tenantId, request)),
          callback: callbackVerb(scope),
        },
        connections: {
          ...verbs.connections,
          create: (provider, input) =>
            verb('connections.create', ({ connections }) => connections.create(tenantId, provider, input)),
        },
      }
    },
  }
}
