import { createHash } from 'node:crypto'
import { z } from 'zod'
import { ConnectorsError } from './errors.ts'

/** Where a listing has been, as far as it has to be remembered to notice that it goes round in circles. */
export const trailSchema = z.object({
  /** Digest of one earlier position, `''` at the beginning. */
  mark: z.string(),
  /** Steps since the mark was set, and after how many it moves on. */
  steps: z.int().min(0),
  limit: z.int().min(1),
})

/** See {@link trailSchema}. */
export type Trail = z.output<typeof trailSchema>

/** The trail of a listing that begins. */
export const newTrail: Trail = { mark: '', steps: 0, limit: 1 }

/** How a trail is stored: JSON text. */
export function trailText(trail: Trail): string {
  return JSON.stringify(trail)
}

/** The trail that was stored; `null` = a new one. */
export function parseTrail(text: string | null): Trail {
  // Only trailText() writes the column.
  return text === null ? newTrail : (JSON.parse(text) as Trail)
}

/**
 * The trail one position further.
 *
 * Brent's way of finding a cycle (R. P. Brent, "An improved Monte Carlo factorization algorithm", BIT 20, 1980): one mark
 * that moves on after 1, 2, 4, 8 … steps. It meets a circle of any length, also one that is entered late, within three
 * rounds, and needs no more room in the cursor for it.
 *
 * @param who - names the next page, as the subject of a sentence.
 * @throws {ConnectorsError} `PROVIDER_FAILED` if the position is the marked one.
 */
export function follow(trail: Trail, position: string, who = 'The provider'): Trail {
  const digest = digestOf(position)
  if (digest === trail.mark) {
    throw new ConnectorsError(
      'PROVIDER_FAILED',
      `${who} names a next page that was fetched before: paging would go round in circles.`,
    )
  }
  const steps = trail.steps + 1
  return steps >= trail.limit
    ? { mark: digest, steps: 0, limit: trail.limit * 2 }
    : { mark: trail.mark, steps, limit: trail.limit }
}

/** A short digest of any value; the same for values that JSON can't tell apart. */
export function digestOf(value: unknown): string {
  const text = JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? String(part) : part)) ?? ''
  return createHash('sha256').update(text).digest('base64url').slice(0, 16)
}
