import type { DueRun, DueSync } from '../domain/due-run.ts'
import { isConnectorsError } from '../domain/errors.ts'
import type { SyncResult } from '../domain/sync-result.ts'
import { nextDueAt, parseSchedule } from '../domain/sync-schedule.ts'
import type { SyncState } from '../domain/sync-state.ts'
import { operatorScope, type TenantId } from '../domain/tenant.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Clock } from '../ports/clock.ts'
import type { Cron } from '../ports/cron.ts'
import type { Randomness } from '../ports/randomness.ts'
import type { SyncStateRepository } from '../ports/sync-state-repository.ts'
import type { RunDueOptions } from '../sync-verbs.ts'
import { abortSignal, checkFields, type FieldCheck, wholeNumber } from './check-fields.ts'
import type { GateCopies } from './gate-copies.ts'
import { limitConcurrency } from './limit-concurrency.ts'
import type { SyncService } from './sync-service.ts'

/** What is due, of all tenants, and running it. */
export interface DueSyncs<T extends TenantId> {
  readonly list: (options?: Pick<RunDueOptions, 'limit' | 'perTenant'>) => Promise<readonly DueSync<T>[]>
  readonly run: (options?: RunDueOptions) => Promise<readonly DueRun<T>[]>
  readonly runOne: (
    connectionId: string,
    resource: string,
    limits?: Pick<RunDueOptions, 'maxMs' | 'signal'>,
  ) => Promise<DueRun<T> | null>
}

const defaults = { limit: 100, perTenant: 10, concurrency: 4 }

/** After this another process, which may know the resource or have its handler, or this one once more, may look again. */
const cannotRunHereMs = 60_000

const optionFields = {
  limit: wholeNumber,
  perTenant: wholeNumber,
  concurrency: wholeNumber,
  maxMs: wholeNumber,
  signal: abortSignal,
} satisfies Record<keyof RunDueOptions, FieldCheck>

/**
 * Makes the verbs. A row stays due until its run has ended: if the process dies meanwhile, whoever looks after the lease
 * expired finds it again.
 */
export function createDueSyncs<T extends TenantId>({
  syncStates,
  copies,
  sync,
  cron,
  clock,
  randomness,
  options,
}: {
  readonly syncStates: Pick<SyncStateRepository<T>, 'due' | 'find' | 'moveDue'>
  readonly copies: Pick<GateCopies<T>, 'readFresh'>
  readonly sync: Pick<SyncService<T>, 'run'>
  readonly cron: Cron
  readonly clock: Clock
  readonly randomness: Randomness
  readonly options: Pick<ResolvedOptions, 'clockSkewMs'>
}): DueSyncs<T> {
  const nextOf = (row: SyncState<T>, from: Date): Date | null => {
    const schedule = parseSchedule(row.schedule)
    if (schedule === null || schedule.isPaused) return null
    return nextDueAt(schedule, { from, now: clock.now(), fraction: randomness.fraction(), cron })
  }

  // What was requested meanwhile stays due.
  const moveOn = (row: SyncState<T>, from: Date, to: Date | null) =>
    syncStates.moveDue(row, { at: clock.now(), from, to })

  /** A run that was only requested has no next time but that. */
  const pauseEnd = async ({ connectionId }: SyncState<T>): Promise<Date | null> => {
    const { pausedUntil } = await copies.readFresh(operatorScope, connectionId)
    return pausedUntil !== null && pausedUntil > clock.now() ? pausedUntil : null
  }

  /** When it is due after a run that ended so; `undefined`: it still is. */
  const afterRun = async (row: SyncState<T>, from: Date, result: SyncResult): Promise<Date | null | undefined> => {
    switch (result.status) {
      case 'completed':
        return nextOf(row, from)
      case 'partial':
        return result.reason === 'not-operational' ? (nextOf(row, from) ?? (await pauseEnd(row))) : undefined
      case 'skipped': {
        if (result.reason === 'locked') return undefined
        if (result.reason !== 'paused') return nextOf(row, from)
        return (await pauseEnd(row)) ?? undefined
      }
      case 'failed': {
        const retryAt = (await syncStates.find({ scope: operatorScope, ...row }))?.nextSyncAt ?? null
        return retryAt !== null && retryAt > clock.now() ? retryAt : nextOf(row, from)
      }
    }
  }

  const runOne: DueSyncs<T>['runOne'] = async (id, resourceType, limits = {}) => {
    checkFields('The options of sync.runIfDue', limits, { maxMs: wholeNumber, signal: abortSignal })
    if (limits.signal?.aborted) return null
    const row = await syncStates.find({ scope: operatorScope, connectionId: id, resourceType })
    const from = row?.dueAt ?? null
    // Somebody else has run it since, or changed its schedule.
    if (row === null || from === null || from > clock.now()) return null
    // A run that was not this schedule's has failed.
    if (row.errorCount > 0 && row.nextSyncAt !== null && row.nextSyncAt > clock.now()) {
      await moveOn(row, from, row.nextSyncAt)
      return null
    }
    const { tenantId, connectionId, resourceType: resource } = row
    const begin = row.fullRequestedAt === null ? 'resume' : 'full'
    try {
      const result = await sync.run(operatorScope, connectionId, resource, begin, limits)
      const to = await afterRun(row, from, result)
      if (to !== undefined) await moveOn(row, from, to)
      return { tenantId, connectionId, resource, result }
    } catch (error) {
      if (!isConnectorsError(error)) throw error
      if (isConnectorsError(error, 'CONNECTION_NOT_FOUND')) {
        await moveOn(row, from, null)
      } else if (!error.retryable) {
        await moveOn(row, from, new Date(clock.now().getTime() + cannotRunHereMs))
      }
      return { tenantId, connectionId, resource, error }
    }
  }

  const dueRows = ({ limit = defaults.limit, perTenant = defaults.perTenant }: RunDueOptions) =>
    syncStates.due({ at: clock.now(), clockSkewMs: options.clockSkewMs, limit, perTenant })

  return {
    runOne,
    list: async (dueOptions = {}) => {
      checkFields('The options of sync.due', dueOptions, { limit: wholeNumber, perTenant: wholeNumber })
      return (await dueRows(dueOptions)).flatMap(toDueSync)
    },
    run: async (runOptions = {}) => {
      checkFields('The options of sync.runDue', runOptions, optionFields)
      const { limit, perTenant, concurrency = defaults.concurrency, ...limits } = runOptions
      const rows = await dueRows({
        ...(limit !== undefined && { limit }),
        ...(perTenant !== undefined && { perTenant }),
      })
      const inTurn = limitConcurrency(concurrency)
      const ended = await Promise.allSettled(
        rows.map((row) => inTurn(() => runOne(row.connectionId, row.resourceType, limits))),
      )
      return ended.flatMap((end) => {
        if (end.status === 'rejected') throw end.reason
        return end.value === null ? [] : [end.value]
      })
    },
  }
}

function toDueSync<T extends TenantId>(row: SyncState<T>): readonly DueSync<T>[] {
  const { tenantId, connectionId, resourceType: resource, dueAt } = row
  if (dueAt === null) return []
  const isFull = row.mode === 'full' || row.fullRequestedAt !== null
  return [{ tenantId, connectionId, resource, dueAt, isFull, isAbandoned: row.leaseOwner !== null }]
}
