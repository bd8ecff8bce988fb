import type { Connectors } from '../../core/connectors.ts'
import type { ConnectionView } from '../../core/domain/connection.ts'
import type { SyncStateView } from '../../core/domain/sync-state.ts'

/** What the checks of an application look at. */
export interface Patient {
  readonly connectors: Connectors
  /** What time it is for the library. */
  readonly at: Date
  /** The first ones. */
  readonly connections: readonly ConnectionView[]
  /** The first ones. */
  readonly syncStates: readonly SyncStateView[]
}

/** Rows that are looked at of each kind: the doctor comes to an end. */
const mostRows = 10_000

/** The first rows of a list, at most `mostRows`. */
export async function firstRows<Row>(list: AsyncIterable<Row>): Promise<readonly Row[]> {
  const rows: Row[] = []
  for await (const row of list) {
    rows.push(row)
    if (rows.length === mostRows) break
  }
  return rows
}

/** How many, and "at least" where no more were looked at. */
export function countText(count: number, noun: string, bound = mostRows): string {
  const number = `${count >= bound ? 'At least ' : ''}${count.toLocaleString('en-US')}`
  return `${number} ${count === 1 ? noun : noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`}`
}

/** What waits longer than this for somebody to do it is late: a worker needs a second, a cron minutes. */
export const lateMs = 15 * 60_000
