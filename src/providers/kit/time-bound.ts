import { z } from 'zod'
import { digestOf } from '../../core/domain/page-trail.ts'

/** How a listing tells its items apart. */
export interface Dating<Item> {
  /** When the item last changed (or was made, if it never changes). */
  timeOf(item: Item): Date
  /** Unique within the listing. */
  idOf(item: Item): string | number
  /**
   * The current instant, for providers whose items may be dated ahead (appointments, clocks that are wrong). Such an item
   * is delivered by every run until its time has come: the next run doesn't start from it, for that would leave out what
   * happens until then. Default: no item is dated ahead.
   */
  readonly now?: Date
}

/**
 * The newest instant delivered so far, and digests of the items delivered at just that instant.
 *
 * Instants of providers are coarse, and more may happen at the newest one after we looked: the next run has to ask from
 * the bound on, inclusive. The digests tell what was delivered already, exactly as it is now, from what is new.
 */
export const boundSchema = z.object({
  at: z.iso.datetime(),
  delivered: z.record(z.string(), z.string()),
})

/** See {@link boundSchema}. */
export type Bound = z.output<typeof boundSchema>

// Beyond it (a mass import within one second) the cursor would grow without end; those items are delivered once more.
const mostDigests = 1_000

/** Whether an item was delivered at the bound's instant already, just as it is now. */
export function isDelivered<Item>(bound: Bound | null, item: Item, { timeOf, idOf }: Dating<Item>): boolean {
  return (
    bound !== null && timeOf(item).getTime() === Date.parse(bound.at) && bound.delivered[idOf(item)] === digestOf(item)
  )
}

/** The bound after these items were delivered too. */
export function raiseBound<Item>(
  bound: Bound | null,
  items: readonly Item[],
  { timeOf, idOf, now }: Dating<Item>,
): Bound | null {
  const past = now === undefined ? items : items.filter((item) => timeOf(item) <= now)
  if (past.length === 0) return bound
  const newest = Math.max(...past.map((item) => timeOf(item).getTime()))
  const current = bound === null ? Number.NEGATIVE_INFINITY : Date.parse(bound.at)
  if (newest < current) return bound
  const added = past
    .filter((item) => timeOf(item).getTime() === newest)
    .map((item) => [idOf(item), digestOf(item)] as const)
  const delivered = { ...(newest === current ? bound?.delivered : {}), ...Object.fromEntries(added) }
  return {
    at: new Date(newest).toISOString(),
    delivered: Object.keys(delivered).length > mostDigests ? {} : delivered,
  }
}
