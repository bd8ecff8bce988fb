import type { Connectors } from './connectors.ts'
import type { AnyProvider } from './domain/provider.ts'
import type { TenantId } from './domain/tenant.ts'
import { readEncryptionKeys } from './encryption-option.ts'
import { createFacade } from './facade.ts'
import type { JobVerbs } from './job-verbs.ts'
import type { ResolvedOptions } from './options.ts'
import type { Clock } from './ports/clock.ts'
import type { Cron } from './ports/cron.ts'
import type { HttpTransport } from './ports/http-transport.ts'
import type { Logger } from './ports/logger.ts'
import type { OAuthClient } from './ports/oauth-client.ts'
import type { Ids, Randomness } from './ports/randomness.ts'
import type { RateLimitStore } from './ports/rate-limit-store.ts'
import type { Repositories, RepositorySet } from './ports/repositories.ts'
import { createAdapterCalls } from './services/adapter-calls.ts'
import { createAdapterFactory } from './services/adapter-factory.ts'
import { createAppWebhookReceiver } from './services/app-webhook-receiver.ts'
import { createAuditLog } from './services/audit-log.ts'
import { createAuditedTransport } from './services/audited-transport.ts'
import { createCommitPage } from './services/commit-page.ts'
import { createConnectionAccess } from './services/connection-access.ts'
import { type ConnectionOutcomes, createConnectionOutcomes } from './services/connection-outcomes.ts'
import { createConnectionPauses } from './services/connection-pauses.ts'
import { type ConnectionService, createConnectionService } from './services/connection-service.ts'
import { containRepositories } from './services/contain-repositories.ts'
import { createCredentialRefresh } from './services/credential-refresh.ts'
import { createCredentialRenewal } from './services/credential-renewal.ts'
import { createCredentialsService } from './services/credentials-service.ts'
import { createDueRefreshes } from './services/due-refreshes.ts'
import { createDueSyncs } from './services/due-syncs.ts'
import { createEmitter, type Emitter } from './services/emitter.ts'
import { createExecutionService } from './services/execution-service.ts'
import { createGateCopies, type GateCopies } from './services/gate-copies.ts'
import { createHandleEvent } from './services/handle-event.ts'
import { checkKeys } from './services/key-canary.ts'
import { makeKeyring } from './services/keyring.ts'
import { createLifecycle } from './services/lifecycle.ts'
import { createLiveCalls } from './services/live-call.ts'
import { createOAuthApps } from './services/oauth-apps.ts'
import { createOAuthService } from './services/oauth-service.ts'
import { createRecordAct } from './services/operator-acts.ts'
import { createPageHandlers } from './services/page-handlers.ts'
import { createProcessRateLimitStore } from './services/process-rate-limit-store.ts'
import { createProviderCatalog } from './services/provider-catalog.ts'
import { createProviderRegistry } from './services/provider-registry.ts'
import { createRateLimiter } from './services/rate-limiter.ts'
import { createRenewedCredentialsStore } from './services/renewed-credentials.ts'
import { createRunOperation } from './services/run-operation.ts'
import { createRunPage } from './services/run-page.ts'
import { createRunTransaction } from './services/run-transaction.ts'
import { createScheduleService } from './services/schedule-service.ts'
import { createSecretSealer } from './services/secret-sealer.ts'
import { createSharedRateLimitStore } from './services/shared-rate-limit-store.ts'
import { createSyncRun } from './services/sync-run.ts'
import { createSyncService } from './services/sync-service.ts'
import { createSyncUpkeep } from './services/sync-upkeep.ts'
import { createTransactionGuard } from './services/transaction-guard.ts'
import { createVault } from './services/vault.ts'
import { createWebhookApps } from './services/webhook-apps.ts'
import { createWebhookEnds } from './services/webhook-ends.ts'
import { createWebhookHandlers } from './services/webhook-handlers.ts'
import { createWebhookProcessor } from './services/webhook-processor.ts'
import { createWebhookReceiver } from './services/webhook-receiver.ts'
import { createWebhookService } from './services/webhook-service.ts'
import { createWebhookSubscriptionService } from './services/webhook-subscriptions.ts'
import { createWebhookUpkeep } from './services/webhook-upkeep.ts'

/** What the core needs from outside. */
export interface CorePorts<T extends TenantId, Tx> {
  readonly repositories: Repositories<T, Tx>
  readonly clock: Clock
  readonly cron: Cron
  readonly ids: Ids
  readonly randomness: Randomness
  readonly logger: Logger
  readonly transport: HttpTransport
  readonly oauthClient: OAuthClient
  /** `null`: rate limits are kept per process. */
  readonly rateLimitStore: RateLimitStore | null
}

/** Everything but the HTTP handler and the jobs, which are driving sides. */
export type Core<T extends TenantId, Tx> = Omit<
  Connectors<AnyProvider, T, Tx>,
  'handler' | keyof JobVerbs<AnyProvider, T>
>

/** Makes a service over some repositories, telling some listeners and reminding some copies of what it writes. */
type Over<T extends TenantId, Service> = (
  bound: RepositorySet<T>,
  told: Pick<Emitter<T>, 'emit'>,
  remembered: Pick<GateCopies<T>, 'put'>,
) => Service
type OutcomesOver<T extends TenantId> = Over<T, ConnectionOutcomes<T>>
type ConnectionServiceOver<T extends TenantId> = Over<T, ConnectionService<T>>

/**
 * Puts the pure core together over its ports.
 *
 * @throws {ConnectorsError} `INVALID_OPTIONS` for providers named twice or handlers of unknown resources.
 */
export function createCore<T extends TenantId, Tx>(ports: CorePorts<T, Tx>, options: ResolvedOptions): Core<T, Tx> {
  const { clock, cron, ids, randomness, logger, transport } = ports
  const repositories = containRepositories(ports.repositories)
  const registry = createProviderRegistry(options.providers)
  const oauthApps = createOAuthApps(options.oauth.apps, registry)
  const catalog = createProviderCatalog(options.providers, { families: options.families, hasOAuth: oauthApps.has })
  const pageHandlers = createPageHandlers(options.handlers, registry)
  const webhookHandlers = createWebhookHandlers()
  const emitter = createEmitter<T>(logger)
  const guard = createTransactionGuard()

  let keyring: ReturnType<typeof makeKeyring> | undefined
  const loadKeys = () => {
    keyring ??= readEncryptionKeys(options.encryption)
      .then(makeKeyring)
      .catch((error: unknown) => {
        keyring = undefined
        throw error
      })
    return keyring
  }
  const vault = createVault(loadKeys, randomness)
  const sealer = createSecretSealer(vault)
  const lifecycle = createLifecycle(
    guard,
    async () => {
      await loadKeys()
      await checkKeys(repositories.connections, vault, logger)
    },
    {
      clock,
      logger,
    },
  )

  const audit = createAuditLog(repositories.executionLogs, { clock, logger, ...options.audit })
  const ownBuckets = createProcessRateLimitStore()
  const rateLimiter = createRateLimiter({
    store:
      ports.rateLimitStore === null
        ? ownBuckets
        : createSharedRateLimitStore({ shared: ports.rateLimitStore, standIn: ownBuckets, clock, logger }),
    clock,
  })
  const auditedTransport = createAuditedTransport<T>({ transport, audit, rateLimiter, clock, ids, lifecycle, options })
  const adapters = createAdapterFactory({
    registry,
    sealer,
    transport: auditedTransport,
    clock,
    randomness,
    logger,
  })
  const copies = createGateCopies({
    repository: repositories.connections,
    clock,
    maxAgeMs: options.gateMaxAgeMs,
    onGone: adapters.forget,
  })
  const outcomesOver: OutcomesOver<T> = (bound, told, remembered) =>
    createConnectionOutcomes({
      connections: bound.connections,
      emitter: told,
      copies: remembered,
      clock,
      threshold: options.breaker.threshold,
    })
  const connectionServiceOver: ConnectionServiceOver<T> = (bound, told, remembered) =>
    createConnectionService({
      connections: bound.connections,
      registry,
      vault,
      outcomes: outcomesOver(bound, told, remembered),
      emitter: told,
      clock,
      ids,
      randomness,
    })
  const outcomes = outcomesOver(repositories, emitter, copies)
  const pauses = createConnectionPauses({
    connections: repositories.connections,
    copies,
    outcomes,
    clock,
    ids,
    randomness,
    options,
  })
  const refresh = createCredentialRefresh<T>({
    connections: repositories.connections,
    renewal: createCredentialRenewal({
      registry,
      apps: oauthApps,
      sealer,
      client: ports.oauthClient,
      transport: auditedTransport,
      clock,
      randomness,
    }),
    store: createRenewedCredentialsStore({
      connections: repositories.connections,
      sealer,
      clock,
      logger,
      signal: lifecycle.signal,
    }),
    copies,
    outcomes,
    pauses,
    emitter,
    clock,
    ids,
    randomness,
    logger,
    options,
  })
  const runOperation = createRunOperation({
    copies,
    adapters,
    prepareLiveCall: createLiveCalls({ adapters, refresh, clock }),
    outcomes,
    pauses,
    emitter,
    clock,
    logger,
  })
  const connections = connectionServiceOver(repositories, emitter, copies)
  const access = createConnectionAccess({
    connections: repositories.connections,
    copies,
    adapters,
    outcomes,
    registry,
    runOperation,
    lifecycle,
    clock,
  })
  const { syncStates } = repositories
  const sync = createSyncService({
    syncStates,
    copies,
    registry,
    handlers: pageHandlers,
    syncRun: createSyncRun({
      syncStates,
      runPage: createRunPage({
        runOperation,
        commitPage: createCommitPage({ repositories, guard, clock, limits: options.transaction }),
        copies,
        clock,
        options,
      }),
      lifecycle,
      clock,
      randomness,
      logger,
      options,
    }),
    emitter,
    clock,
    ids,
    logger,
    options,
  })
  const webhooks = createWebhookService({
    webhookEvents: repositories.webhookEvents,
    receive: createWebhookReceiver({
      webhookEvents: repositories.webhookEvents,
      copies,
      registry,
      sealer,
      emitter,
      clock,
      ids,
      options,
    }),
    process: createWebhookProcessor({
      webhookEvents: repositories.webhookEvents,
      copies,
      registry,
      handlers: webhookHandlers,
      handleEvent: createHandleEvent({ repositories, guard, lifecycle, clock, limits: options.transaction }),
      ends: createWebhookEnds({ webhookEvents: repositories.webhookEvents, emitter, clock, randomness }),
      lifecycle,
      clock,
      options,
    }),
    upkeep: createWebhookUpkeep({ webhookEvents: repositories.webhookEvents, copies, emitter, clock }),
    handlers: webhookHandlers,
    clock,
    options,
  })
  const subscriptions = createWebhookSubscriptionService({
    connections,
    copies,
    registry,
    sealer,
    runOperation,
    clock,
    ids,
    randomness,
    options,
  })
  const oauth = createOAuthService({
    repositories,
    registry,
    apps: oauthApps,
    client: ports.oauthClient,
    vault,
    sealer,
    service: connections,
    access,
    adapters,
    transport,
    auditedTransport,
    clock,
    ids,
    randomness,
    signal: lifecycle.signal,
    options,
  })
  const facade = createFacade({
    oauth,
    connections,
    access,
    calls: createAdapterCalls({ copies, adapters, runOperation, lifecycle }),
    sync,
    syncUpkeep: createSyncUpkeep({ syncStates, copies, sync, clock }),
    schedules: createScheduleService({ syncStates, copies, sync, cron, clock, ids, randomness }),
    dueSyncs: createDueSyncs({ syncStates, copies, sync, cron, clock, randomness, options }),
    webhooks,
    receiveForApp: createAppWebhookReceiver({
      findApp: createWebhookApps(options.webhooks.apps, registry),
      connections: repositories.connections,
      webhookEvents: repositories.webhookEvents,
      emitter,
      clock,
      ids,
      options,
    }),
    subscriptions,
    credentials: createCredentialsService({
      connections: repositories.connections,
      loadKeys,
      vault,
      clock,
      lifecycle,
      options,
    }),
    dueRefreshes: createDueRefreshes({ connections: repositories.connections, copies, refresh, clock }),
    executions: createExecutionService({
      executionLogs: repositories.executionLogs,
      audit,
      record: createRecordAct({ connections: repositories.connections, adapters, audit, clock, ids }),
      clock,
    }),
    droppedCount: audit.droppedCount,
    now: clock.now,
    verb: lifecycle.verb,
  })
  const runTransaction = createRunTransaction<T, Tx>({
    repositories,
    connectionServiceOver,
    verbsOf: facade.inTransaction,
    emitter,
    copies,
    guard,
    limits: options.transaction,
  })

  return {
    forTenant: facade.in,
    operator: facade.operator,
    providers: { list: registry.list, get: registry.get, catalog },
    webhooks: { handle: webhookHandlers.add },
    on: emitter.on,
    transaction: (work) => lifecycle.verb('connectors.transaction', () => runTransaction(work)),
    ready: lifecycle.ready,
    close: async (limits) => {
      await lifecycle.close(limits)
      await audit.close()
    },
  }
}
