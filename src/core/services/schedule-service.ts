import { ConnectorsError } from '../domain/errors.ts'
import { refuseDeleted } from '../domain/refuse-deleted.ts'
import { firstDueAt, parseSchedule, type SyncSchedule, scheduleText } from '../domain/sync-schedule.ts'
import { type SyncStateView, toSyncStateView } from '../domain/sync-state.ts'
import type { Scope, TenantId } from '../domain/tenant.ts'
import type { Clock } from '../ports/clock.ts'
import type { Cron } from '../ports/cron.ts'
import type { Ids, Randomness } from '../ports/randomness.ts'
import type { SyncStateRepository } from '../ports/sync-state-repository.ts'
import { checkFields, type FieldCheck, text } from './check-fields.ts'
import type { GateCopies } from './gate-copies.ts'
import type { SyncService } from './sync-service.ts'

/** The verbs on schedules, for any scope. */
export interface ScheduleService<T extends TenantId> {
  readonly schedule: (
    scope: Scope<T>,
    connectionId: string,
    resource: string,
    request: object,
  ) => Promise<SyncStateView<T>>
  readonly unschedule: (scope: Scope<T>, connectionId: string, resource: string) => Promise<SyncStateView<T> | null>
  readonly request: (
    scope: Scope<T>,
    connectionId: string,
    resource: string,
    options?: { readonly isFull?: boolean },
  ) => Promise<SyncStateView<T>>
  readonly setPaused: (
    scope: Scope<T>,
    connectionId: string,
    resource: string,
    isPaused: boolean,
  ) => Promise<SyncStateView<T>>
}

const wholeMs: FieldCheck = {
  is: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  mustBe: 'a whole number of milliseconds from 0',
}

const flag: FieldCheck = { is: (value) => typeof value === 'boolean', mustBe: 'true or false' }

const requestFields = {
  everyMs: {
    is: (value) => Number.isSafeInteger(value) && Number(value) >= 1_000,
    mustBe: 'a whole number of milliseconds from 1,000',
  },
  cron: text,
  timeZone: text,
  jitterMs: wholeMs,
} satisfies Record<string, FieldCheck>

/** Makes the service. */
export function createScheduleService<T extends TenantId>({
  syncStates,
  copies,
  sync,
  cron,
  clock,
  ids,
  randomness,
}: {
  readonly syncStates: Pick<SyncStateRepository<T>, 'find' | 'schedule' | 'request'>
  readonly copies: Pick<GateCopies<T>, 'readFresh'>
  readonly sync: Pick<SyncService<T>, 'state'>
  readonly cron: Cron
  readonly clock: Clock
  readonly ids: Ids
  readonly randomness: Randomness
}): ScheduleService<T> {
  const refOf = async (scope: Scope<T>, connectionId: string, resource: string) => {
    const { tenantId, id } = refuseDeleted(await copies.readFresh(scope, connectionId))
    // It knows which resources there are.
    await sync.state(scope, connectionId, resource)
    if (!resource.includes(':')) return { tenantId, connectionId: id, resourceType: resource }
    throw new ConnectorsError(
      'INVALID_INPUT',
      `The state key ${JSON.stringify(resource)} can't be scheduled: how it is fetched is known to your code only. Run it from there.`,
    )
  }

  const write = async (ref: Awaited<ReturnType<typeof refOf>>, schedule: SyncSchedule | null) => {
    const now = clock.now()
    const isDue = schedule !== null && !schedule.isPaused
    const state = await syncStates.schedule(ref, {
      id: ids.next(),
      at: now,
      schedule: schedule === null ? null : scheduleText(schedule),
      dueAt: isDue ? firstDueAt(schedule, { now, fraction: randomness.fraction(), cron }) : null,
    })
    return toSyncStateView(state, now)
  }

  return {
    schedule: async (scope, connectionId, resource, request) => {
      const schedule = readSchedule(request)
      const ref = await refOf(scope, connectionId, resource)
      if ('cron' in schedule) refuseNever(schedule, cron, clock.now())
      return write(ref, schedule)
    },

    unschedule: async (scope, connectionId, resource) => {
      const ref = await refOf(scope, connectionId, resource)
      const state = await syncStates.find({ scope, ...ref })
      return state === null ? null : write(ref, null)
    },

    request: async (scope, connectionId, resource, request = {}) => {
      checkFields('The options of sync.request', request, { isFull: flag })
      const ref = await refOf(scope, connectionId, resource)
      const at = clock.now()
      return toSyncStateView(await syncStates.request(ref, { id: ids.next(), at, isFull: request.isFull ?? false }), at)
    },

    setPaused: async (scope, connectionId, resource, isPaused) => {
      const ref = await refOf(scope, connectionId, resource)
      const schedule = parseSchedule((await syncStates.find({ scope, ...ref }))?.schedule ?? null)
      if (schedule !== null) return write(ref, { ...schedule, isPaused })
      throw new ConnectorsError(
        'INVALID_INPUT',
        `The sync of ${resource} on connection ${connectionId} has no schedule to pause or resume. Give it one with sync.schedule first.`,
      )
    },
  }
}

function readSchedule(request: object): SyncSchedule {
  checkFields('A schedule', request, requestFields)
  // Every field has just been checked.
  const {
    everyMs,
    cron,
    timeZone,
    jitterMs = 0,
  } = request as {
    readonly everyMs?: number
    readonly cron?: string
    readonly timeZone?: string
    readonly jitterMs?: number
  }
  const rest = { jitterMs, isPaused: false }
  if (everyMs !== undefined && cron === undefined && timeZone === undefined) return { everyMs, ...rest }
  if (everyMs === undefined && cron !== undefined) return { cron, timeZone: timeZone ?? 'UTC', ...rest }
  throw new ConnectorsError('INVALID_INPUT', 'A schedule needs either everyMs, or cron and perhaps a timeZone.')
}

function refuseNever(
  { cron: expression, timeZone }: { readonly cron: string; readonly timeZone: string },
  cron: Cron,
  now: Date,
) {
  if (cron.nextAfter({ expression, timeZone }, now) !== null) return
  throw new ConnectorsError(
    'INVALID_INPUT',
    `The cron expression ${JSON.stringify(expression)} names no instant in the future.`,
  )
}
