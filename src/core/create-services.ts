import type { CredentialsVerbs } from './credentials-verbs.ts'
import type { TenantId } from './domain/tenant.ts'
import { readEncryptionKeys } from './encryption-option.ts'
import type { ResolvedOptions } from './options.ts'
import type { Clock } from './ports/clock.ts'
import type { Cron } from './ports/cron.ts'
import type { HttpTransport } from './ports/http-transport.ts'
import type { Logger } from './ports/logger.ts'
import type { OAuthClient } from './ports/oauth-client.ts'
import type { Ids, Randomness } from './ports/randomness.ts'
import type { RateLimitStore } from './ports/rate-limit-store.ts'
import type { Repositories, RepositorySet } from './ports/repositories.ts'
import { type AdapterCalls, createAdapterCalls } from './services/adapter-calls.ts'
import { createAdapterFactory } from './services/adapter-factory.ts'
import { createAppWebhookReceiver, type ReceiveAppWebhook } from './services/app-webhook-receiver.ts'
import { type AuditLog, createAuditLog } from './services/audit-log.ts'
import { createAuditedTransport } from './services/audited-transport.ts'
import { createCommitPage } from './services/commit-page.ts'
import { type ConnectionAccess, createConnectionAccess } from './services/connection-access.ts'
import { type ConnectionOutcomes, createConnectionOutcomes } from './services/connection-outcomes.ts'
import { createConnectionPauses } from './services/connection-pauses.ts'
import { type ConnectionService, createConnectionService } from './services/connection-service.ts'
import { containRepositories } from './services/contain-repositories.ts'
import { createCredentialRefresh } from './services/credential-refresh.ts'
import { createCredentialRenewal } from './services/credential-renewal.ts'
import { createCredentialsService } from './services/credentials-service.ts'
import { createDueRefreshes, type DueRefreshes } from './services/due-refreshes.ts'
import { createDueSyncs, type DueSyncs } from './services/due-syncs.ts'
import type { Emitter } from './services/emitter.ts'
import { createExecutionService, type ExecutionService } from './services/execution-service.ts'
import { createGateCopies, type GateCopies } from './services/gate-copies.ts'
import { createHandleEvent } from './services/handle-event.ts'
import { createJustStored } from './services/just-stored.ts'
import { checkKeys } from './services/key-canary.ts'
import { makeKeyring } from './services/keyring.ts'
import type { Lifecycle } from './services/lifecycle.ts'
import { createLiveCalls } from './services/live-call.ts'
import type { OAuthApps } from './services/oauth-apps.ts'
import type { OAuthService } from './services/oauth-service.ts'
import { createRecordAct } from './services/operator-acts.ts'
import type { PageHandlerRegistry } from './services/page-handlers.ts'
import { createProcessRateLimitStore } from './services/process-rate-limit-store.ts'
import type { ProviderRegistry } from './services/provider-registry.ts'
import { createRateLimiter } from './services/rate-limiter.ts'
import { createRenewedCredentialsStore } from './services/renewed-credentials.ts'
import { createRunOperation } from './services/run-operation.ts'
import { createRunPage } from './services/run-page.ts'
import { createRunTransaction, type RunTransaction } from './services/run-transaction.ts'
import { createScheduleService, type ScheduleService } from './services/schedule-service.ts'
import { createSecretSealer } from './services/secret-sealer.ts'
import { createSharedRateLimitStore } from './services/shared-rate-limit-store.ts'
import { createSyncRun } from './services/sync-run.ts'
import { createSyncService, type SyncService } from './services/sync-service.ts'
import { createSyncUpkeep, type SyncUpkeep } from './services/sync-upkeep.ts'
import type { TransactionGuard } from './services/transaction-guard.ts'
import { createVault } from './services/vault.ts'
import type { FindWebhookApp } from './services/webhook-apps.ts'
import { createWebhookEnds } from './services/webhook-ends.ts'
import type { WebhookHandlerRegistry } from './services/webhook-handlers.ts'
import { createWebhookProcessor } from './services/webhook-processor.ts'
import { createWebhookReceiver } from './services/webhook-receiver.ts'
import { createWebhookService, type WebhookService } from './services/webhook-service.ts'
import { createWebhookSubscriptionService, type WebhookSubscriptionService } from './services/webhook-subscriptions.ts'
import { createWebhookUpkeep } from './services/webhook-upkeep.ts'
import { transactionalVerbs } from './transactional-verbs.ts'

/** What only the use-cases need from outside. */
export interface ServicePorts {
  readonly cron: Cron
  readonly ids: Ids
  readonly randomness: Randomness
  readonly transport: HttpTransport
  readonly oauthClient: OAuthClient
  /** `null`: rate limits are kept per process. */
  readonly rateLimitStore: RateLimitStore | null
}

/** The use-cases that the verbs of the facade stand for. */
export interface Services<T extends TenantId, Tx = unknown> {
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
  /** Loaded with the first consent: most processes never see one. */
  readonly oauth: () => Promise<OAuthService<T>>
  readonly executions: ExecutionService<T>
  readonly transaction: RunTransaction<T, Tx>
  readonly audit: Pick<AuditLog<T>, 'droppedCount' | 'close'>
  /** Loads the keys and tries them on what is stored. */
  readonly checkKeys: () => Promise<void>
}

/** What there is before any use-case is: it checked the options, or is held by users already. */
export interface ServiceParts<T extends TenantId, Tx> {
  readonly ports: ServicePorts & {
    readonly repositories: Repositories<T, Tx>
    readonly clock: Clock
    readonly logger: Logger
  }
  readonly options: ResolvedOptions
  readonly registry: ProviderRegistry
  readonly oauthApps: OAuthApps
  readonly findWebhookApp: FindWebhookApp
  readonly pageHandlers: PageHandlerRegistry
  readonly webhookHandlers: WebhookHandlerRegistry
  readonly emitter: Emitter<T>
  readonly guard: TransactionGuard
  readonly lifecycle: Lifecycle
}

/** Makes a service over some repositories, telling some listeners and reminding some copies of what it writes. */
type Over<T extends TenantId, Service> = (
  bound: RepositorySet<T>,
  told: Pick<Emitter<T>, 'emit'>,
  remembered: Pick<GateCopies<T>, 'put'>,
) => Service
type OutcomesOver<T extends TenantId> = Over<T, ConnectionOutcomes<T>>
type ConnectionServiceOver<T extends TenantId> = Over<T, ConnectionService<T>>

/** Puts the use-cases together over their ports. */
export function createServices<T extends TenantId, Tx>({
  ports,
  options,
  registry,
  oauthApps,
  findWebhookApp,
  pageHandlers,
  webhookHandlers,
  emitter,
  guard,
  lifecycle,
}: ServiceParts<T, Tx>): Services<T, Tx> {
  const { clock, cron, ids, randomness, logger, transport } = ports
  const repositories = containRepositories(ports.repositories)

  let keyring: ReturnType<typeof makeKeyring> | undefined
  const loadKeys = () => {
    keyring ??= readEncryptionKeys(options.encryption, clock)
      .then(makeKeyring)
      .catch((error: unknown) => {
        keyring = undefined
        throw error
      })
    return keyring
  }
  const vault = createVault(loadKeys, randomness)
  const sealer = createSecretSealer(vault)
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
      lifecycle,
    }),
    copies,
    outcomes,
    pauses,
    emitter,
    lifecycle,
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
  const { syncStates, webhookEvents } = repositories
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
  const arrivals = createJustStored(webhookEvents, clock)
  const webhooks = createWebhookService({
    webhookEvents,
    justStored: arrivals,
    receive: createWebhookReceiver({ webhookEvents: arrivals, copies, registry, sealer, emitter, clock, ids, options }),
    process: createWebhookProcessor({
      webhookEvents,
      copies,
      registry,
      handlers: webhookHandlers,
      handleEvent: createHandleEvent({ repositories, guard, lifecycle, clock, limits: options.transaction }),
      ends: createWebhookEnds({ webhookEvents, emitter, clock, randomness }),
      lifecycle,
      clock,
      options,
    }),
    upkeep: createWebhookUpkeep({ webhookEvents, copies, emitter, clock }),
    handlers: webhookHandlers,
    clock,
    options,
  })
  const subscriptions = createWebhookSubscriptionService({
    connections,
    copies,
    registry,
    apps: oauthApps,
    sealer,
    runOperation,
    clock,
    ids,
    randomness,
    options,
  })
  const loadOAuth = async () => {
    const { createOAuthService } = await import('./services/oauth-service.ts')
    return createOAuthService({
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
  }
  let oauth: ReturnType<typeof loadOAuth> | null = null
  return {
    oauth: () => {
      oauth ??= loadOAuth()
      return oauth
    },
    connections,
    access,
    calls: createAdapterCalls({ copies, adapters, runOperation, lifecycle }),
    sync,
    syncUpkeep: createSyncUpkeep({ syncStates, copies, sync, clock }),
    schedules: createScheduleService({ syncStates, copies, sync, cron, clock, ids, randomness }),
    dueSyncs: createDueSyncs({ syncStates, copies, sync, cron, clock, randomness, options }),
    webhooks,
    receiveForApp: createAppWebhookReceiver({
      findApp: findWebhookApp,
      connections: repositories.connections,
      webhookEvents: arrivals,
      emitter,
      clock,
      ids,
      options,
    }),
    subscriptions,
    credentials: createCredentialsService({
      connections: repositories.connections,
      oauthStates: repositories.oauthStates,
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
    transaction: createRunTransaction<T, Tx>({
      repositories,
      connectionServiceOver,
      verbsOf: transactionalVerbs,
      emitter,
      copies,
      guard,
      limits: options.transaction,
    }),
    audit,
    checkKeys: async () => {
      await loadKeys()
      await checkKeys(repositories.connections, vault, logger)
    },
  }
}
