import type { Page } from '../core/domain/page.ts'

/** A number of rows that was counted up to a bound, so that counting ends however many there are. */
export interface BoundedCount {
  readonly count: number
  /** Whether there are more than were counted. */
  readonly isMore: boolean
}

/** How many rows a page has, and whether that is all of them. */
export function countOf({ items, next }: Page<unknown>): BoundedCount {
  return { count: items.length, isMore: next !== null }
}

/** Two kinds of rows together. */
export function sumOf(...counts: readonly BoundedCount[]): BoundedCount {
  return {
    count: counts.reduce((sum, { count }) => sum + count, 0),
    isMore: counts.some(({ isMore }) => isMore),
  }
}

/** E.g. `12`, or `1,000+` where there are more. */
export function countText({ count, isMore }: BoundedCount): string {
  return `${count.toLocaleString('en')}${isMore ? '+' : ''}`
}
