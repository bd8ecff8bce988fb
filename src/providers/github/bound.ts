import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { JsonObject } from '../../core/domain/json.ts'

/** What a bound is made of. */
export interface Dated {
  readonly id: number
  readonly updatedAt: Date
  readonly raw: JsonObject
}

/**
 * The newest `updatedAt` delivered so far, and digests of the items delivered at just that instant.
 *
 * GitHub's instants have whole seconds, and more may happen within the second after we looked: the next run has to ask
 * from the bound on, inclusive. The digests tell what was delivered already, exactly as it is now, from what is new.
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
export function isDelivered(bound: Bound | null, item: Dated): boolean {
  return (
    bound !== null && item.updatedAt.getTime() === Date.parse(bound.at) && bound.delivered[item.id] === digest(item)
  )
}

/** The bound after these items were delivered too. */
export function raiseBound(bound: Bound | null, items: readonly Dated[]): Bound | null {
  if (items.length === 0) return bound
  const newest = Math.max(...items.map((item) => item.updatedAt.getTime()))
  const current = bound === null ? Number.NEGATIVE_INFINITY : Date.parse(bound.at)
  if (newest < current) return bound
  const added = items
    .filter((item) => item.updatedAt.getTime() === newest)
    .map((item) => [item.id, digest(item)] as const)
  const delivered = { ...(newest === current ? bound?.delivered : {}), ...Object.fromEntries(added) }
  return { at: toGitHubTime(newest), delivered: Object.keys(delivered).length > mostDigests ? {} : delivered }
}

/** An instant as GitHub writes it: ISO 8601 in UTC, whole seconds. */
export function toGitHubTime(at: number): string {
  return new Date(at).toISOString().replace(/\.000Z$/, 'Z')
}

function digest(item: Dated): string {
  return createHash('sha256').update(JSON.stringify(item.raw)).digest('base64url').slice(0, 16)
}
