import { ConnectorsError } from '../domain/errors.ts'
import { storableText } from '../domain/storable-text.ts'
import type { RejectedItem } from '../domain/sync-result.ts'

/** The items that the handler of a page rejects. */
export interface Rejections {
  /** For the handler. @throws {ConnectorsError} `INVALID_INPUT` for what is no rejected item. */
  readonly reject: (item: RejectedItem) => void
  /** The work in the transaction begins, perhaps once more: what it rejected before was rolled back with it. */
  readonly beginAttempt: () => void
  /** @throws {ConnectorsError} `TOO_MANY_REJECTED` when there are more than the run may have. */
  readonly check: () => void
  readonly items: () => readonly RejectedItem[]
}

const maxIdLength = 200
const maxReasonLength = 500

/** The rejections of one page. */
export function createRejections({
  before,
  max,
}: {
  /** How many items the run has rejected in earlier pages. */
  readonly before: number
  /** How many it may reject in all. */
  readonly max: number
}): Rejections {
  let attempt: RejectedItem[] = []
  const outside: RejectedItem[] = []
  let current = outside
  const items = () => [...outside, ...attempt]
  return {
    items,
    reject: (item) => {
      const { externalId, reason }: { readonly [K in keyof RejectedItem]?: unknown } = item ?? {}
      if (typeof externalId !== 'string' || typeof reason !== 'string') {
        throw new ConnectorsError('INVALID_INPUT', 'reject() takes { externalId, reason }, two texts.')
      }
      current.push({
        externalId: storableText(externalId, maxIdLength),
        reason: storableText(reason, maxReasonLength),
      })
    },
    beginAttempt: () => {
      attempt = []
      current = attempt
    },
    check: () => {
      const rejected = items()
      const count = before + rejected.length
      if (count <= max) return
      const examples = rejected.slice(-3).map(({ externalId, reason }) => `${externalId}: ${reason}`)
      throw new ConnectorsError(
        'TOO_MANY_REJECTED',
        `The handler has rejected ${count} items in this run; maxRejected allows ${max}. The last ones: ${examples.join('; ')}`,
      )
    },
  }
}
