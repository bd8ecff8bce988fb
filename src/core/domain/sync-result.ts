import type { AnyConnectorsError } from './errors.ts'
import type { Json } from './json.ts'

/** What a run did, however it ended. */
export interface SyncCounts {
  readonly runId: string
  /** Pages that were handled and committed. */
  readonly pageCount: number
  /** Items in those pages. */
  readonly itemCount: number
  /** Where the next run starts; `null` = from the beginning. */
  readonly cursor: Json
}

/** Where a run stands after a page. */
export type SyncProgress = SyncCounts & {
  /** Whether another page follows. */
  readonly hasMore: boolean
}

/**
 * How a run ended.
 *
 * - `completed`: the end was reached.
 * - `partial`: it stopped at the end of its budget or was told to; the next run goes on from `cursor`.
 * - `skipped`: it did not start, and sent nothing to the provider.
 * - `failed`: the provider or the handler failed; everything up to `cursor` is committed, nothing after it.
 */
export type SyncResult =
  | (SyncCounts & { readonly status: 'completed' })
  | (SyncCounts & { readonly status: 'partial'; readonly reason: PartialReason })
  | (SyncCounts & {
      readonly status: 'skipped'
      readonly reason: 'locked' | 'disabled' | 'disconnected' | 'paused'
      readonly message: string
    })
  | (SyncCounts & {
      readonly status: 'failed'
      readonly kind: SyncFailureKind
      readonly error: AnyConnectorsError
    })

/**
 * Why a run stopped before the end. `lease-lost`: another run took over, from the last committed page.
 * `not-operational`: the connection was disabled, disconnected or paused meanwhile.
 */
export type PartialReason = 'max-pages' | 'max-ms' | 'aborted' | 'lease-lost' | 'not-operational'

/** What made a run fail. */
export type SyncFailureKind = 'authentication' | 'configuration' | 'rate-limited' | 'transient' | 'provider' | 'handler'
