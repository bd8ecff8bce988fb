import type {
  ConnectionVerbs,
  OperatorConnectors,
  TenantConnectors,
  TransactionalConnectionVerbs,
} from './connectors.ts'
import type { CredentialsVerbs } from './credentials-verbs.ts'
import type { Listing } from './domain/listing.ts'
import type { AnyProvider } from './domain/provider.ts'
import { operatorScope, type Scope, type TenantId, tenantScope } from './domain/tenant.ts'
import type { OAuthVerbs } from './oauth-verbs.ts'
import type { WebhookEventFilter } from './ports/webhook-event-repository.ts'
import type { AdapterCalls } from './services/adapter-calls.ts'
import type { ReceiveAppWebhook } from './services/app-webhook-receiver.ts'
import type { ConnectionAccess } from './services/connection-access.ts'
import type { ConnectionService } from './services/connection-service.ts'
import type { DueRefreshes } from './services/due-refreshes.ts'
import type { DueSyncs } from './services/due-syncs.ts'
import type { ExecutionService } from './services/execution-service.ts'
import type { Lifecycle } from './services/lifecycle.ts'
import { createListing } from './services/listing.ts'
import type { OAuthService } from './services/oauth-service.ts'
import type { ScheduleService } from './services/schedule-service.ts'
import type { SyncService } from './services/sync-service.ts'
import type { SyncUpkeep } from './services/sync-upkeep.ts'
import type { WebhookService } from './services/webhook-service.ts'
import type { WebhookSubscriptionService } from './services/webhook-subscriptions.ts'
import type { WebhookVerbs } from './webhook-verbs.ts'

/** The services, as one scope or another sees them. */
export interface Facade<T extends TenantId> {
  /** @throws {ConnectorsError} `INVALID_TENANT_ID`. */
  readonly in: (tenantId: T) => TenantConnectors<AnyProvider, T>
  readonly operator: OperatorConnectors<AnyProvider, T>
  readonly inTransaction: (
    service: ConnectionService<T>,
    tenantId: T,
  ) => { readonly connections: TransactionalConnectionVerbs<AnyProvider, T> }
}

/** A facade whose every verb passes the lifecycle: not after close, not inside a transaction, not before ready. */
export function createFacade<T extends TenantId>({
  connections,
  access,
  calls,
  sync,
  schedules,
  syncUpkeep,
  dueSyncs,
  webhooks,
  receiveForApp,
  subscriptions,
  credentials,
  dueRefreshes,
  oauth,
  executions,
  droppedCount,
  now,
  verb,
}: {
  readonly connections: ConnectionService<T>
  readonly access: ConnectionAccess<T>
  readonly calls: AdapterCalls<T>
  readonly sync: SyncService<T>
  readonly schedules: ScheduleService<T>
  readonly syncUpkeep: SyncUpkeep<T>
  readonly dueSyncs: DueSyncs<T>
  readonly webhooks: WebhookService<T>
  readonly receiveForApp: ReceiveAppWebhook<T>
  readonly subscriptions: WebhookSubscriptionService<T>
  readonly credentials: Pick<CredentialsVerbs<T>, 'reencrypt' | 'keyUsage' | 'assertUnused'>
  readonly dueRefreshes: DueRefreshes<T>
  readonly oauth: OAuthService<T>
  readonly executions: ExecutionService<T>
  readonly droppedCount: () => number
  readonly now: () => Date
  readonly verb: Lifecycle['verb']
}): Facade<T> {
  const guardListing = <Item>(name: string, listing: Listing<Item>): Listing<Item> =>
    createListing(
      (request) => verb(name, () => listing.page(request)),
      (item) => item,
    )

  const scoped = (
    scope: Scope<T>,
  ): Omit<TenantConnectors<AnyProvider, T>, 'connections' | 'oauth'> & {
    readonly connections: Omit<ConnectionVerbs<AnyProvider, T>, 'create'>
  } => ({
    connections: {
      get: (id) => verb('connections.get', () => connections.get(scope, id)),
      list: (filter) => guardListing('connections.list', connections.list(scope, filter)),
      update: (id, change) => verb('connections.update', () => connections.update(scope, id, change)),
      validateSettings: (id, settings) =>
        verb('connections.validateSettings', () => connections.validateSettings(scope, id, settings)),
      updateSettings: (id, settings, provider) =>
        verb('connections.updateSettings', () => connections.updateSettings(scope, id, settings, provider)),
      rotateCredentials: (id, credentials, provider) =>
        verb('connections.rotateCredentials', () => connections.rotateCredentials(scope, id, credentials, provider)),
      rotateWebhookSecret: (id, change) =>
        verb('connections.rotateWebhookSecret', () => connections.rotateWebhookSecret(scope, id, change)),
      disable: (id, change) => verb('connections.disable', () => connections.disable(scope, id, change)),
      pause: (id, request) => verb('connections.pause', () => connections.pause(scope, id, request)),
      resume: (id) => verb('connections.resume', () => connections.resume(scope, id)),
      delete: (id) => verb('connections.delete', () => connections.delete(scope, id)),
      test: (id) => verb('connections.test', () => access.test(scope, id)),
      enable: (id) => verb('connections.enable', () => access.enable(scope, id)),
      choices: (id, field, options) => verb('connections.choices', () => access.choices(scope, id, field, options)),
      call: (id, call) => verb('connections.call', () => calls.call(scope, id, call)),
      checkCall: (id, call) => verb('connections.checkCall', () => calls.check(scope, id, call)),
      adapter: adapterVerb(scope),
    },
    sync: {
      page: (id, resource, options) => verb('sync.page', () => sync.page(scope, id, resource, options)),
      run: (id, resource, options) => verb('sync.run', () => sync.run(scope, id, resource, 'resume', options)),
      full: (id, resource, options) => verb('sync.full', () => sync.run(scope, id, resource, 'full', options)),
      schedule: (id, resource, request) =>
        verb('sync.schedule', () => schedules.schedule(scope, id, resource, request)),
      request: (id, resource, options) => verb('sync.request', () => schedules.request(scope, id, resource, options)),
      unschedule: (id, resource) => verb('sync.unschedule', () => schedules.unschedule(scope, id, resource)),
      pause: (id, resource) => verb('sync.pause', () => schedules.setPaused(scope, id, resource, true)),
      resume: (id, resource) => verb('sync.resume', () => schedules.setPaused(scope, id, resource, false)),
      states: (filter) => guardListing('sync.states', syncUpkeep.states(scope, filter)),
      cancel: (id, key) => verb('sync.cancel', () => syncUpkeep.interrupt(scope, id, key, { forget: false })),
      reset: (id, key) => verb('sync.reset', () => syncUpkeep.interrupt(scope, id, key, { forget: true })),
      state: (id, key) => verb('sync.state', () => sync.state(scope, id, key)),
    },
    webhooks: {
      receive: (id, delivery, overrides) =>
        verb('webhooks.receive', () => webhooks.receive(scope, id, delivery, overrides)),
      process: (eventId, options) => verb('webhooks.process', () => webhooks.process(scope, eventId, options)),
      processDue: (options) => verb('webhooks.processDue', () => webhooks.processDue(scope, options)),
      list: (filter) => guardListing('webhooks.list', webhooks.list(scope, filter)),
      get: (eventId) => verb('webhooks.get', () => webhooks.get(scope, eventId)),
      replay: replayVerb(scope),
      url: (id) => verb('webhooks.url', () => subscriptions.url(scope, id)),
      register: (id, events, options) =>
        verb('webhooks.register', () => subscriptions.register(scope, id, events, options)),
      subscriptions: (id) => verb('webhooks.subscriptions', () => subscriptions.list(scope, id)),
      unregister: (id, subscriptionId) =>
        verb('webhooks.unregister', () => subscriptions.unregister(scope, id, subscriptionId)),
      skip: (eventId, change) => verb('webhooks.skip', () => webhooks.skip(scope, eventId, change)),
    },
    executions: {
      list: (filter) => guardListing('executions.list', executions.list(scope, filter)),
      stats: (request) => verb('executions.stats', () => executions.stats(scope, request)),
      record: (act) => verb('executions.record', () => executions.record(scope, act)),
    },
  })

  const adapterVerb = (scope: Scope<T>): ConnectionVerbs<AnyProvider, T>['adapter'] =>
    // The methods are those that the provider built, which is what its type says.
    ((id: string, provider: AnyProvider) =>
      verb('connections.adapter', () => access.adapter(scope, id, provider))) as ConnectionVerbs<
      AnyProvider,
      T
    >['adapter']

  const replayVerb = (scope: Scope<T>): WebhookVerbs<AnyProvider, T>['replay'] =>
    // What it answers depends on what it is given, as the overloads say.
    ((target: string | WebhookEventFilter) =>
      verb<unknown>('webhooks.replay', () => webhooks.replay(scope, target))) as WebhookVerbs<AnyProvider, T>['replay']

  const callbackVerb =
    (scope: Scope<T>): OAuthVerbs<AnyProvider, T>['callback'] =>
    (returned) =>
      verb('oauth.callback', () => oauth.callback(scope, returned))

  const acrossTenants = scoped(operatorScope)
  const operator: OperatorConnectors<AnyProvider, T> = {
    ...acrossTenants,
    connections: {
      ...acrossTenants.connections,
      setExternalAccount: (id, account) =>
        verb('connections.setExternalAccount', () => connections.setExternalAccount(operatorScope, id, account)),
    },
    sync: {
      ...acrossTenants.sync,
      runDue: (options) => verb('sync.runDue', () => dueSyncs.run(options)),
      due: (options) => verb('sync.due', () => dueSyncs.list(options)),
      runIfDue: (id, resource, limits) => verb('sync.runIfDue', () => dueSyncs.runOne(id, resource, limits)),
    },
    webhooks: {
      ...acrossTenants.webhooks,
      receiveForApp: (provider, delivery) => verb('webhooks.receiveForApp', () => receiveForApp(provider, delivery)),
      due: (options) => verb('webhooks.due', () => webhooks.due(options)),
      prune: (options) => verb('webhooks.prune', () => webhooks.prune(options)),
    },
    credentials: {
      due: (options) => verb('credentials.due', () => dueRefreshes.list(options)),
      refreshDue: (options) => verb('credentials.refreshDue', () => dueRefreshes.run(options)),
      refreshIfDue: (id) => verb('credentials.refreshIfDue', () => dueRefreshes.runOne(id)),
      reencrypt: (options) => verb('credentials.reencrypt', () => credentials.reencrypt(options)),
      keyUsage: () => verb('credentials.keyUsage', () => credentials.keyUsage()),
      assertUnused: (keyId) => verb('credentials.assertUnused', () => credentials.assertUnused(keyId)),
    },
    oauth: { callback: callbackVerb(operatorScope), prune: () => verb('oauth.prune', () => oauth.prune()) },
    executions: {
      ...acrossTenants.executions,
      prune: (options) => verb('executions.prune', () => executions.prune(options)),
      droppedCount,
    },
    now,
  }

  return {
    operator,
    in: (tenantId) => {
      const scope = tenantScope(tenantId)
      const verbs = scoped(scope)
      return {
        ...verbs,
        oauth: {
          authorize: (request) => verb('oauth.authorize', () => oauth.authorize(tenantId, request)),
          callback: callbackVerb(scope),
        },
        connections: {
          ...verbs.connections,
          create: (provider, input) => verb('connections.create', () => connections.create(tenantId, provider, input)),
        },
      }
    },
    inTransaction: (service, tenantId) => {
      const scope = tenantScope(tenantId)
      return {
        connections: {
          create: (provider, input) => service.create(tenantId, provider, input),
          get: (id) => service.get(scope, id),
          list: (filter) => service.list(scope, filter),
          update: (id, change) => service.update(scope, id, change),
          validateSettings: (id, settings) => service.validateSettings(scope, id, settings),
          updateSettings: (id, settings, provider) => service.updateSettings(scope, id, settings, provider),
          rotateCredentials: (id, credentials, provider) => service.rotateCredentials(scope, id, credentials, provider),
          rotateWebhookSecret: (id, change) => service.rotateWebhookSecret(scope, id, change),
          disable: (id, change) => service.disable(scope, id, change),
          pause: (id, request) => service.pause(scope, id, request),
          resume: (id) => service.resume(scope, id),
          delete: (id) => service.delete(scope, id),
        },
      }
    },
  }
}
