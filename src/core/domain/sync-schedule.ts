import type { Cron } from '../ports/cron.ts'

/** When a sync runs by itself. */
export type SyncSchedule = (
  | {
      /** Milliseconds between the times at which it is due. */
      readonly everyMs: number
    }
  | {
      readonly cron: string
      /** IANA name. */
      readonly timeZone: string
    }
) & {
  /** With `everyMs` the first time is put off by a random part of this, with `cron` each. */
  readonly jitterMs: number
  readonly isPaused: boolean
}

/** How a schedule is stored. */
export function scheduleText(schedule: SyncSchedule): string {
  return JSON.stringify(schedule)
}

/** The schedule as it was given. */
export function parseSchedule(text: string | null): SyncSchedule | null {
  // Only scheduleText() makes the column.
  return text === null ? null : (JSON.parse(text) as SyncSchedule)
}

/** When a schedule that begins now is due first; `null` for a cron expression that names no instant any more. */
export function firstDueAt(
  schedule: SyncSchedule,
  { now, fraction, cron }: { readonly now: Date; readonly fraction: number; readonly cron: Cron },
): Date | null {
  const start = 'everyMs' in schedule ? now : cronAfter(schedule, now, cron)
  return start === null ? null : later(start, fraction * schedule.jitterMs)
}

/** When a schedule that was due at `from` is due next: after now, however many times were missed; `null` as in `firstDueAt`. */
export function nextDueAt(
  schedule: SyncSchedule,
  { from, ...at }: { readonly from: Date; readonly now: Date; readonly fraction: number; readonly cron: Cron },
): Date | null {
  if (!('everyMs' in schedule)) return firstDueAt(schedule, at)
  // Its own beat, so that what was spread at the start stays spread.
  const missed = Math.max(0, Math.floor((at.now.getTime() - from.getTime()) / schedule.everyMs))
  return later(from, (missed + 1) * schedule.everyMs)
}

function cronAfter(
  { cron: expression, timeZone }: Extract<SyncSchedule, { readonly cron: string }>,
  after: Date,
  cron: Cron,
): Date | null {
  return cron.nextAfter({ expression, timeZone }, after)
}

function later(instant: Date, ms: number): Date {
  return new Date(instant.getTime() + Math.round(ms))
}
