import type { SharedVerbs } from './admin-connectors.ts'

/** The calls of one hour. */
export interface Hour {
  readonly startsAt: Date
  readonly okCount: number
  readonly failedCount: number
}

const hourMs = 3_600_000
/** A call is written down when it has ended, under the time when it began. */
const settledMs = 15 * 60_000
const capacity = 5_000
const atATime = 6

/** Counts calls hour by hour. Hours that are over don't change any more, and are counted once. */
export interface HourlyStats {
  /**
   * The last 24 hours, the one under way included.
   *
   * @param whose - names what the verbs see, so that nobody gets the counts of others.
   */
  readonly lastDay: (of: {
    readonly verbs: Pick<SharedVerbs, 'executions'>
    readonly whose: string
    readonly connectionId?: string
    readonly now: Date
  }) => Promise<readonly Hour[]>
}

/** Hourly counts with a memory of this process. */
export function createHourlyStats(): HourlyStats {
  const known = new Map<string, Hour>()
  return {
    lastDay: async ({ verbs, whose, connectionId, now }) => {
      const current = Math.floor(now.getTime() / hourMs) * hourMs
      const starts = Array.from({ length: 24 }, (_, index) => current - (23 - index) * hourMs)
      const count = async (start: number): Promise<Hour> => {
        const key = JSON.stringify([whose, connectionId ?? '', start])
        const counted = known.get(key)
        if (counted !== undefined) return counted
        const window = { since: new Date(start), until: new Date(start + hourMs) }
        const stats = await verbs.executions.stats({ ...window, ...(connectionId !== undefined && { connectionId }) })
        const { failedCount, byOutcome } = stats
        const hour = { startsAt: window.since, okCount: stats.count - failedCount - byOutcome.other, failedCount }
        if (start + hourMs + settledMs < now.getTime()) known.set(key, hour)
        const oldest = known.keys().next().value
        if (known.size > capacity && oldest !== undefined) known.delete(oldest)
        return hour
      }
      const hours: Hour[] = []
      for (let index = 0; index < starts.length; index += atATime) {
        hours.push(...(await Promise.all(starts.slice(index, index + atATime).map(count))))
      }
      return hours
    },
  }
}
