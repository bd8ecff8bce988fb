import type { Connectors, ConnectorsTransaction } from './connectors.ts'
import type { Connection } from './domain/connection.ts'
import type { AnyProvider } from './domain/provider.ts'
import { type TenantId, tenantScope } from './domain/tenant.ts'
import { createFacade } from './facade.ts'
import type { ResolvedOptions } from './options.ts'
import type { Clock } from './ports/clock.ts'
import type { HttpTransport } from './ports/http-transport.ts'
import type { Logger } from './ports/logger.ts'
import type { Ids, Randomness } from './ports/randomness.ts'
import type { Repositories } from './ports/repositories.ts'
import { createAdapterFactory } from './services/adapter-factory.ts'
import { createAuditLog } from './services/audit-log.ts'
import { createAuditedTransport } from './services/audited-transport.ts'
import { createConnectionAccess } from './services/connection-access.ts'
import { createConnectionOutcomes } from './services/connection-outcomes.ts'
import { createConnectionService } from './services/connection-service.ts'
import { createEmitter, holdEvents } from './services/emitter.ts'
import { createGateCopies } from './services/gate-copies.ts'
import { checkKeys } from './services/key-canary.ts'
import { loadKeyring } from './services/keyring.ts'
import { createLifecycle } from './services/lifecycle.ts'
import { createCommitPage } from './services/page-committer.ts'
import { createPageHandlers } from './services/page-handlers.ts'
import { createProviderRegistry } from './services/provider-registry.ts'
import { createRunOperation } from './services/run-operation.ts'
import { createSecretSealer } from './services/secret-sealer.ts'
import { createSyncRun } from './services/sync-run.ts'
import { createSyncService } from './services/sync-service.ts'
import { createTransactionGuard } from './services/transaction-guard.ts'
import { createVault } from './services/vault.ts'
import { createWebhookHandlers } from './services/webhook-handlers.ts'
import { createWebhookProcessor } from './services/webhook-processor.ts'
import { createWebhookReceiver } from './services/webhook-receiver.ts'
import { createWebhookService } from './services/webhook-service.ts'

/** What the core needs from outside. */
export interface CorePorts<T extends TenantId, Tx> {
  readonly repositories: Repositories<T, Tx>
  readonly clock: Clock
  readonly ids: Ids
  readonly randomness: Randomness
  readonly logger: Logger
  readonly transport: HttpTransport
}

/** Everything but the HTTP handler, which is a driving side. */
export type Core<T extends TenantId, Tx> = Omit<Connectors<AnyProvider, T, Tx>, 'handler'>

/**
 * Puts the pure core together over its ports.
 *
 * @throws {ConnectorsError} `INVALID_OPTIONS` for providers named twice or handlers of unknown resources.
 */
export function createCore<T extends TenantId, Tx>(ports: CorePorts<T, Tx>, options: ResolvedOptions): Core<T, Tx> {
  const { repositories, clock, ids, randomness, logger, transport } = ports
  const registry = createProviderRegistry(options.providers)
  const pageHandlers = createPageHandlers(options.handlers, registry)
  const webhookHandlers = createWebhookHandlers()
  const emitter = createEmitter<T>(logger)
  const guard = createTransactionGuard()

  let keyring: ReturnType<typeof loadKeyring> | undefined
  const loadKeys = () => (keyring ??= loadKeyring(options.encryption.keys))
  const vault = createVault(loadKeys, randomness)
  const sealer = createSecretSealer(vault)
  const lifecycle = createLifecycle(guard, async () => checkKeys(repositories.connections, await loadKeys(), vault))

  const audit = createAuditLog(repositories.executionLogs, { clock, logger, ...options.audit })
  const copies = createGateCopies(repositories.connections, clock, options.gateMaxAgeMs)
  const { threshold } = options.breaker
  const outcomes = createConnectionOutcomes({
    connections: repositories.connections,
    emitter,
    copies,
    clock,
    threshold,
  })
  const adapters = createAdapterFactory({
    registry,
    vault,
    transport: createAuditedTransport({ transport, audit, clock, ids, options }),
    clock,
    randomness,
  })
  const runOperation = createRunOperation({ copies, adapters, outcomes, emitter, clock, logger })

  const shared = { registry, vault, clock, ids }
  const connections = {
    ...createConnectionService({ ...shared, connections: repositories.connections, outcomes, emitter }),
    ...createConnectionAccess({
      connections: repositories.connections,
      copies,
      adapters,
      outcomes,
      runOperation,
      lifecycle,
      clock,
    }),
  }
  const sync = createSyncService({
    syncStates: repositories.syncStates,
    copies,
    registry,
    handlers: pageHandlers,
    syncRun: createSyncRun({
      syncStates: repositories.syncStates,
      runOperation,
      commitPage: createCommitPage({ repositories, guard, clock, limits: options.transaction }),
      lifecycle,
      clock,
      randomness,
      logger,
      options,
    }),
    emitter,
    clock,
    ids,
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
      repositories,
      copies,
      registry,
      handlers: webhookHandlers,
      emitter,
      guard,
      lifecycle,
      clock,
      randomness,
      options,
    }),
    clock,
    options,
  })
  const facade = createFacade({
    connections,
    sync,
    webhooks,
    executionLogs: repositories.executionLogs,
    audit,
    verb: lifecycle.verb,
  })

  return {
    forTenant: (tenantId) => facade.in(tenantScope(tenantId), tenantId),
    operator: facade.operator,
    providers: { list: registry.list, get: registry.get },
    webhooks: { handle: webhookHandlers.add },
    on: emitter.on,
    transaction: (work) =>
      lifecycle.verb('connectors.transaction', async () => {
        let afterCommit = () => {}
        let afterFailure = () => {}
        const transaction = repositories.transaction(
          ({ repositories: bound, tx }) =>
            guard.enter(() => {
              // The work may run more than once: what an earlier try left to be told is dropped with it.
              const held = holdEvents(emitter)
              const written = new Map<string, Connection<T>>()
              afterCommit = () => {
                for (const connection of written.values()) copies.put(connection)
                held.release()
              }
              // It may have committed all the same: the answer to a COMMIT can be lost.
              afterFailure = () => {
                for (const id of written.keys()) copies.forget(id)
              }
              const boundOutcomes = createConnectionOutcomes<T>({
                connections: bound.connections,
                emitter: held.emitter,
                copies: { put: (connection) => void written.set(connection.id, connection) },
                clock,
                threshold,
              })
              const service = createConnectionService<T>({
                ...shared,
                connections: bound.connections,
                outcomes: boundOutcomes,
                emitter: held.emitter,
              })
              const context: ConnectorsTransaction<AnyProvider, T, Tx> = {
                tx,
                tenant: (tenantId) => facade.inTransaction(service, tenantScope(tenantId), tenantId),
              }
              return work(context)
            }),
          options.transaction,
        )
        const result = await transaction.catch((error: unknown) => {
          afterFailure()
          throw error
        })
        afterCommit()
        return result
      }),
    ready: lifecycle.ready,
    close: async () => {
      await lifecycle.close()
      await audit.close()
    },
  }
}
