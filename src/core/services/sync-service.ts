import { type Connection, gate } from '../domain/connection.ts'
import { ConnectorsError } from '../domain/errors.ts'
import { eventBase } from '../domain/event-base.ts'
import type { ConnectorEvents } from '../domain/events.ts'
import { kindOf } from '../domain/kind-of.ts'
import type { Adapter, Resource } from '../domain/provider.ts'
import { refuseDeleted } from '../domain/refuse-deleted.ts'
import { requireProviderOf } from '../domain/require-provider-of.ts'
import type { SyncProgress, SyncResult } from '../domain/sync-result.ts'
import { parseCursor, resourceOfKey, type SyncStateView, toSyncStateView } from '../domain/sync-state.ts'
import { operatorScope, type Scope, type TenantId } from '../domain/tenant.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { Ids } from '../ports/randomness.ts'
import type { SyncStateRef, SyncStateRepository } from '../ports/sync-state-repository.ts'
import type { Emitter } from './emitter.ts'
import type { GateCopies } from './gate-copies.ts'
import type { PageHandlerRegistry } from './page-handlers.ts'
import { toPageWork } from './page-work.ts'
import type { ProviderRegistry } from './provider-registry.ts'
import { type AnyRunOptions, readPageOptions, readRunOptions } from './read-run-options.ts'
import type { SyncRun } from './sync-run.ts'

/** The verbs on syncs, for any scope. */
export interface SyncService<T extends TenantId> {
  readonly run: (
    scope: Scope<T>,
    connectionId: string,
    resource: string,
    begin: 'resume' | 'full',
    options?: object,
  ) => Promise<SyncResult>
  readonly page: (scope: Scope<T>, connectionId: string, resource: string, options?: object) => Promise<SyncResult>
  readonly state: (scope: Scope<T>, connectionId: string, key: string) => Promise<SyncStateView<T> | null>
}

/** The service: who may run, and what is told about it. What a run does is in {@link SyncRun}. */
export function createSyncService<T extends TenantId>({
  syncStates,
  copies,
  registry,
  handlers,
  syncRun,
  emitter,
  clock,
  ids,
  logger,
  options,
}: {
  readonly syncStates: SyncStateRepository<T>
  readonly copies: GateCopies<T>
  readonly registry: ProviderRegistry
  readonly handlers: PageHandlerRegistry
  readonly syncRun: SyncRun<T>
  readonly emitter: Pick<Emitter<T>, 'emit'>
  readonly clock: Clock
  readonly ids: Ids
  readonly logger: Logger
  readonly options: Pick<ResolvedOptions, 'sync' | 'clockSkewMs'>
}): SyncService<T> {
  const requireResource = (connection: Connection<T>, resource: string) => {
    const provider = registry.of(connection)
    // Of a provider that could be any, the names aren't known to the types.
    const resources = provider.resources as Readonly<Record<string, Resource<Adapter, unknown>>>
    const isOurs = typeof resource === 'string' && Object.hasOwn(resources, resource)
    const definition = isOurs ? resources[resource] : undefined
    if (definition !== undefined) return { provider, definition }
    throw new ConnectorsError(
      'UNKNOWN_RESOURCE',
      `The provider ${provider.name} has no resource ${typeof resource === 'string' ? JSON.stringify(resource) : `that is ${kindOf(resource)}`}. It has: ${Object.keys(provider.resources).join(', ') || 'none'}.`,
    )
  }

  const tellCompleted = async (ref: SyncStateRef<T>, base: ConnectorEvents<T>['sync.started'], result: SyncResult) => {
    try {
      const end = await syncStates.find({ scope: operatorScope, ...ref })
      if (end === null) return
      emitter.emit('sync.completed', { ...base, result, state: toSyncStateView(end, clock.now()) })
    } catch (error) {
      // The run is over and committed, whether it can be told or not.
      logger.warn({ err: error, connectionId: ref.connectionId }, 'the end of a run could not be told')
    }
  }

  const run = async (
    scope: Scope<T>,
    connectionId: string,
    resource: string,
    begin: 'resume' | 'full',
    { provider: named, fetch, stateKey = resource, onPage, maxRejected, onProgress, ...budget }: AnyRunOptions,
  ): Promise<SyncResult> => {
    const connection = refuseDeleted(await copies.readFresh(scope, connectionId))
    if (named !== undefined) requireProviderOf(connection, named)
    const { provider, definition } = requireResource(connection, resource)
    const hasOwnRow = stateKey !== resource
    if (hasOwnRow && resourceOfKey(stateKey) !== resource) throw foreignKey(stateKey, resource)
    const work = toPageWork(onPage ?? handlers.require(provider, resource))
    const ref = { tenantId: connection.tenantId, connectionId: connection.id, resourceType: stateKey }
    const runId = ids.next()
    const tell = (isFull: boolean) => ({ ...eventBase(connection, clock.now()), resource, stateKey, runId, isFull })

    const skip = async (why: { reason: 'locked' | 'disabled' | 'disconnected' | 'paused'; message: string }) => {
      const state = await syncStates.find({ scope, ...ref })
      const cursor = parseCursor(state?.cursor ?? null)
      const nothing = { pageCount: 0, itemCount: 0, rejectedCount: 0, rejected: [] }
      const result: SyncResult = { status: 'skipped', ...why, runId, ...nothing, guarantee: work.guarantee, cursor }
      emitter.emit('sync.skipped', { ...tell(begin === 'full'), result })
      return result
    }

    const decision = gate(connection, clock.now())
    if (!decision.isOpen) return skip({ reason: decision.reason, message: decision.message })
    const acquiredAt = clock.now()
    const state = await syncStates.acquire(ref, {
      id: ids.next(),
      owner: runId,
      at: acquiredAt,
      leaseMs: options.sync.leaseMs,
      clockSkewMs: options.clockSkewMs,
      begin,
    })
    if (state === null) {
      return skip({
        reason: 'locked',
        message: `Another run of ${stateKey} is under way on connection ${connection.id}.`,
      })
    }

    const isFull = state.mode === 'full'
    const result = await syncRun({
      scope,
      connection,
      provider,
      resource,
      definition: {
        // What a call asks for under a key of its own may well begin anew each time.
        incremental: definition.incremental && (fetch === undefined || !hasOwnRow),
        fetch: fetch ?? ((adapter, request) => definition.fetch(adapter, request)),
      },
      // What a call asks for under a key of its own is but a part: to the registered handler the rest isn't gone.
      work: hasOwnRow && onPage === undefined ? { ...work, sweep: null } : work,
      maxRejected: maxRejected ?? options.sync.maxRejected,
      ref,
      state,
      acquiredAt,
      runId,
      budget,
      onStart: () => emitter.emit('sync.started', tell(isFull)),
      onPage: (page, progress) => {
        emitter.emit('sync.pageCommitted', { ...tell(isFull), ...page })
        tellProgress(onProgress, progress)
      },
    })
    if (result.status === 'failed') emitter.emit('sync.failed', { ...tell(isFull), result })
    if (result.status === 'completed') await tellCompleted(ref, tell(isFull), result)
    return result
  }

  const tellProgress = (onProgress: AnyRunOptions['onProgress'], progress: SyncProgress) => {
    const report = (error: unknown) => logger.error({ err: error, runId: progress.runId }, 'onProgress failed')
    try {
      Promise.resolve(onProgress?.(progress)).catch(report)
    } catch (error) {
      report(error)
    }
  }

  return {
    run: async (scope, connectionId, resource, begin, options = {}) =>
      run(scope, connectionId, resource, begin, readRunOptions(options)),
    page: async (scope, connectionId, resource, options = {}) =>
      run(scope, connectionId, resource, 'resume', { ...readPageOptions(options), maxPages: 1 }),
    state: async (scope, connectionId, key) => {
      const connection = refuseDeleted(await copies.read(scope, connectionId))
      requireResource(connection, resourceOfKey(key))
      const state = await syncStates.find({ scope, connectionId, resourceType: key })
      return state === null ? null : toSyncStateView(state, clock.now())
    },
  }
}

function foreignKey(stateKey: string, resource: string): ConnectorsError {
  return new ConnectorsError(
    'INVALID_INPUT',
    `The stateKey ${JSON.stringify(stateKey)} is none of ${resource}: it must begin with "${resource}:".`,
  )
}
