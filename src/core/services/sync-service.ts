import type { RunBudget } from '../connectors.ts'
import { type Connection, gate } from '../domain/connection.ts'
import { ConnectorsError } from '../domain/errors.ts'
import { eventBase } from '../domain/event-base.ts'
import type { EventBase } from '../domain/events.ts'
import { kindOf } from '../domain/kind-of.ts'
import { refuseDeleted } from '../domain/refuse-deleted.ts'
import type { SyncResult } from '../domain/sync-result.ts'
import { parseCursor, type SyncStateView, toSyncStateView } from '../domain/sync-state.ts'
import { operatorScope, type Scope, type TenantId } from '../domain/tenant.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { Ids } from '../ports/randomness.ts'
import type { SyncStateRef, SyncStateRepository } from '../ports/sync-state-repository.ts'
import { checkFields, type FieldCheck } from './check-fields.ts'
import type { Emitter } from './emitter.ts'
import type { GateCopies } from './gate-copies.ts'
import type { PageHandlerRegistry } from './page-handlers.ts'
import type { ProviderRegistry } from './provider-registry.ts'
import type { SyncRun } from './sync-run.ts'

/** The verbs on syncs, for any scope. */
export interface SyncService<T extends TenantId> {
  readonly run: (
    scope: Scope<T>,
    connectionId: string,
    resource: string,
    begin: 'resume' | 'full',
    budget?: RunBudget,
  ) => Promise<SyncResult>
  readonly page: (
    scope: Scope<T>,
    connectionId: string,
    resource: string,
    options?: Pick<RunBudget, 'signal'>,
  ) => Promise<SyncResult>
  readonly state: (scope: Scope<T>, connectionId: string, resource: string) => Promise<SyncStateView<T> | null>
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
    const isOurs = typeof resource === 'string' && Object.hasOwn(provider.resources, resource)
    const definition = isOurs ? provider.resources[resource as keyof typeof provider.resources] : undefined
    if (definition !== undefined) return { provider, definition }
    throw new ConnectorsError(
      'UNKNOWN_RESOURCE',
      `The provider ${provider.name} has no resource ${typeof resource === 'string' ? JSON.stringify(resource) : `that is ${kindOf(resource)}`}. It has: ${Object.keys(provider.resources).join(', ') || 'none'}.`,
    )
  }

  const tellCompleted = async (
    ref: SyncStateRef<T>,
    base: EventBase<T> & { readonly resource: string; readonly runId: string; readonly isFull: boolean },
    result: SyncResult,
  ) => {
    try {
      const end = await syncStates.find({ scope: operatorScope, ...ref })
      if (end === null) return
      emitter.emit('sync.completed', { ...base, result, state: toSyncStateView(end, clock.now()) })
    } catch (error) {
      // The run is over and committed, whether it can be told or not.
      logger.warn({ err: error, connectionId: ref.connectionId }, 'the end of a run could not be told')
    }
  }

  const run: SyncService<T>['run'] = async (scope, connectionId, resource, begin, budget = {}) => {
    checkFields('The budget of a run', budget, budgetFields)
    const connection = refuseDeleted(await copies.readFresh(scope, connectionId))
    const { provider, definition } = requireResource(connection, resource)
    const handler = handlers.require(provider, resource)
    const ref = { tenantId: connection.tenantId, connectionId: connection.id, resourceType: resource }
    const runId = ids.next()
    const tell = (isFull: boolean) => ({ ...eventBase(connection, clock.now()), resource, runId, isFull })

    const skip = async (why: { reason: 'locked' | 'disabled' | 'disconnected' | 'paused'; message: string }) => {
      const state = await syncStates.find({ scope, ...ref })
      const cursor = parseCursor(state?.cursor ?? null)
      const result: SyncResult = { status: 'skipped', ...why, runId, pageCount: 0, itemCount: 0, cursor }
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
        message: `Another run of ${resource} is under way on connection ${connection.id}.`,
      })
    }

    const isFull = state.mode === 'full'
    const result = await syncRun({
      scope,
      connection,
      provider,
      resource,
      definition,
      handler,
      ref,
      state,
      acquiredAt,
      runId,
      budget,
      onStart: () => emitter.emit('sync.started', tell(isFull)),
      onPage: (page) => emitter.emit('sync.pageCommitted', { ...tell(isFull), ...page }),
    })
    if (result.status === 'failed') emitter.emit('sync.failed', { ...tell(isFull), result })
    if (result.status === 'completed') await tellCompleted(ref, tell(isFull), result)
    return result
  }

  return {
    run,
    page: async (scope, connectionId, resource, options = {}) => {
      checkFields('The options of a page', options, { signal: budgetFields.signal })
      return run(scope, connectionId, resource, 'resume', { ...options, maxPages: 1 })
    },
    state: async (scope, connectionId, resource) => {
      const connection = refuseDeleted(await copies.read(scope, connectionId))
      requireResource(connection, resource)
      const state = await syncStates.find({ scope, connectionId, resourceType: resource })
      return state === null ? null : toSyncStateView(state, clock.now())
    },
  }
}

const budgetFields = {
  maxPages: { is: (value) => Number.isInteger(value) && Number(value) >= 1, mustBe: 'a whole number from 1' },
  maxMs: { is: (value) => typeof value === 'number' && value > 0, mustBe: 'a number of milliseconds, more than 0' },
  signal: { is: isAbortSignal, mustBe: 'an AbortSignal' },
} satisfies Record<keyof RunBudget, FieldCheck>

/** By what it can do: there are others than the global class. */
function isAbortSignal(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { aborted, addEventListener, removeEventListener } = value as Partial<AbortSignal>
  return (
    typeof aborted === 'boolean' && typeof addEventListener === 'function' && typeof removeEventListener === 'function'
  )
}
