import type { DueRun } from '../domain/due-run.ts'
import { isConnectorsError } from '../domain/errors.ts'
import type { SyncResult } from '../domain/sync-result.ts'
import { nextDueAt, parseSchedule } from '../domain/sync-schedule.ts'
import type { SyncState } from '../domain/sync-state.ts'
import { operatorScope, type TenantId } from '../domain/tenant.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Clock } from '../ports/clock.ts'
import type { Cron } from '../ports/cron.ts'
import type { Ids, Randomness } from '../ports/randomness.ts'
import type { SyncStateRepository } from '../ports/sync-state-repository.ts'
import type { RunDueOptions } from '../sync-verbs.ts'
import { abortSignal, checkFields, type FieldCheck, wholeNumber } from './check-fields.ts'
import type { GateCopies } from './gate-copies.ts'
import { limitConcurrency } from './limit-concurrency.ts'
import type { SyncService } from './sync-service.ts'

/** Runs what is due, of all tenants. */
export type RunDue<T extends TenantId> = (options?: RunDueOptions) => Promise<readonly DueRun<T>[]>

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
 * Makes the verb. A row stays due until its run has ended: if the process dies meanwhile, whoever looks after the lease
 * expired finds it again.
 */
export function createRunDue<T extends TenantId>({
  syncStates,
  copies,
  sync,
  cron,
  clock,
  ids,
  randomness,
  options,
}: {
  readonly syncStates: Pick<SyncStateRepository<T>, 'due' | 'find' | 'moveDue' | 'schedule'>
  readonly copies: Pick<GateCopies<T>, 'readFresh'>
  readonly sync: Pick<SyncService<T>, 'run'>
  readonly cron: Cron
  readonly clock: Clock
  readonly ids: Ids
  readonly randomness: Randomness
  readonly options: Pick<ResolvedOptions, 'clockSkewMs'>
}): RunDue<T> {
  const nextOf = (row: SyncState<T>, from: Date): Date | null => {
    const schedule = parseSchedule(row.schedule)
    if (schedule === null) return null
    return nextDueAt(schedule, { from, now: clock.now(), fraction: randomness.fraction(), cron })
  }

  const moveOn = async (row: SyncState<T>, from: Date, to: Date | null) => {
    const at = clock.now()
    if (to !== null) await syncStates.moveDue(row, { at, from, to })
    else await syncStates.schedule(row, { id: ids.next(), at, schedule: null, dueAt: null })
  }

  /** When it is due after a run that ended so; `undefined`: it still is. */
  const afterRun = async (row: SyncState<T>, from: Date, result: SyncResult): Promise<Date | null | undefined> => {
    switch (result.status) {
      case 'completed':
        return nextOf(row, from)
      case 'partial':
        return result.reason === 'not-operational' ? nextOf(row, from) : undefined
      case 'skipped': {
        if (result.reason === 'locked') return undefined
        if (result.reason !== 'paused') return nextOf(row, from)
        const { pausedUntil } = await copies.readFresh(operatorScope, row.connectionId)
        return pausedUntil ?? undefined
      }
      case 'failed': {
        const retryAt = (await syncStates.find({ scope: operatorScope, ...row }))?.nextSyncAt ?? null
        return retryAt !== null && retryAt > clock.now() ? retryAt : nextOf(row, from)
      }
    }
  }

  const runRow = async (
    due: SyncState<T>,
    limits: Pick<RunDueOptions, 'maxMs' | 'signal'>,
  ): Promise<DueRun<T> | null> => {
    const from = due.dueAt
    if (from === null || limits.signal?.aborted) return null
    const row = await syncStates.find({ scope: operatorScope, ...due })
    // Somebody else has run it since, or changed its schedule.
    if (row?.dueAt?.getTime() !== from.getTime()) return null
    // A run that was not this schedule's has failed.
    if (row.errorCount > 0 && row.nextSyncAt !== null && row.nextSyncAt > clock.now()) {
      await moveOn(row, from, row.nextSyncAt)
      return null
    }
    const { tenantId, connectionId, resourceType: resource } = row
    try {
      const result = await sync.run(operatorScope, connectionId, resource, 'resume', limits)
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

  return async (runOptions = {}) => {
    checkFields('The options of sync.runDue', runOptions, optionFields)
    const { limit = 100, perTenant = 10, concurrency = 4, ...limits } = runOptions
    const rows = await syncStates.due({ at: clock.now(), clockSkewMs: options.clockSkewMs, limit, perTenant })
    const inTurn = limitConcurrency(concurrency)
    const ended = await Promise.allSettled(rows.map((row) => inTurn(() => runRow(row, limits))))
    return ended.flatMap((end) => {
      if (end.status === 'rejected') throw end.reason
      return end.value === null ? [] : [end.value]
    })
  }
}
