import type { Json } from './json.ts'
import { parseSchedule, type SyncSchedule } from './sync-schedule.ts'
import type { TenantId } from './tenant.ts'

/** What a sync state is doing. `running` is believed only while the lease lives. */
export type SyncStatus = 'idle' | 'running' | 'completed' | 'failed'

/** Whether a state is picking up changes, or walking through everything once. */
export type SyncMode = 'incremental' | 'full'

/** One row per (connection, resource), as stored: where a sync stands and who may move it. */
export interface SyncState<T extends TenantId = TenantId> {
  readonly id: string
  readonly tenantId: T
  readonly connectionId: string
  /** The resource, or a state key `resource:name` chosen by the user. */
  readonly resourceType: string
  /** The provider's cursor as JSON text, exactly as returned; `null` = from the beginning. */
  readonly cursor: string | null
  readonly status: SyncStatus
  /** When a run last reached the end. */
  readonly lastSyncAt: Date | null
  /** After a failure: when a run may be tried again. */
  readonly nextSyncAt: Date | null
  /** When it runs by itself, as JSON text; `null` = only when somebody says so. */
  readonly schedule: string | null
  /** When the schedule has it run next; `null` without one, and while that is paused. */
  readonly dueAt: Date | null
  /** Consecutive failures; a page that is committed ends them. */
  readonly errorCount: number
  readonly lastError: string | null
  readonly mode: SyncMode
  /** Number of the full pass that `cursor` belongs to. */
  readonly generation: number
  readonly generationStartedAt: Date | null
  /** When a full pass was asked for that has not begun. */
  readonly fullRequestedAt: Date | null
  /** Where the pass has been, as far as is needed to notice that its cursors go round in circles; JSON text. */
  readonly trail: string | null
  readonly itemsSynced: number
  /** Grows by one with every committed page. */
  readonly revision: number
  readonly leaseOwner: string | null
  readonly leaseExpiresAt: Date | null
  /** Grows by one with every holder; a stale holder's writes don't match it. */
  readonly fence: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** The resource that a state key belongs to; what is no text is answered as it is. */
export function resourceOfKey(key: string): string {
  return typeof key === 'string' ? (key.split(':', 1)[0] ?? key) : key
}

/** What users see of a sync state. */
export type SyncStateView<T extends TenantId = TenantId> = Omit<
  SyncState<T>,
  'leaseOwner' | 'fence' | 'revision' | 'trail' | 'schedule'
> & {
  readonly schedule: SyncSchedule | null
  /** Whether someone holds the lease right now. */
  readonly isRunning: boolean
}

/** The status that can be believed at an instant: who runs has a lease that lives. */
export function statusAt({ status, leaseOwner, leaseExpiresAt }: SyncState, at: Date): SyncStatus {
  const isHeld = leaseOwner !== null && leaseExpiresAt !== null && leaseExpiresAt > at
  return status === 'running' && !isHeld ? 'idle' : status
}

/** The view of a sync state at an instant. */
export function toSyncStateView<T extends TenantId>(state: SyncState<T>, at: Date): SyncStateView<T> {
  const { leaseOwner, fence: _fence, revision: _revision, trail: _trail, schedule, ...rest } = state
  const isRunning = leaseOwner !== null && state.leaseExpiresAt !== null && state.leaseExpiresAt > at
  const status = statusAt(state, at)
  return { ...rest, schedule: parseSchedule(schedule), status, isRunning }
}

/** Cursors nested deeper than this are taken for circular ones. */
const maxCursorDepth = 100

/**
 * Whether a value comes back from JSON text as it went in, so that it can be a cursor. A member that is `undefined`
 * counts as left out.
 */
export function isCursor(value: unknown, depth = 0): value is Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value)
    case 'object': {
      if (value === null) return true
      if (depth >= maxCursorDepth) return false
      if (Array.isArray(value)) return value.every((item) => isCursor(item, depth + 1))
      const prototype: unknown = Object.getPrototypeOf(value)
      const isPlain = prototype === Object.prototype || prototype === null
      return isPlain && Object.values(value).every((item) => item === undefined || isCursor(item, depth + 1))
    }
    default:
      return false
  }
}

/** How a cursor is stored: JSON text, `null` for "from the beginning". */
export function cursorText(cursor: Json): string | null {
  return cursor === null ? null : JSON.stringify(cursor)
}

/** The cursor as the provider returned it. */
export function parseCursor(text: string | null): Json {
  // Only cursorText() writes the column.
  return text === null ? null : (JSON.parse(text) as Json)
}
