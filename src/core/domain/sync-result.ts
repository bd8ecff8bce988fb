import type { AnyConnectorsError } from './errors.ts'
import type { Json } from './json.ts'

/** An item that a handler could not use, and why; the page went on without it. */
export interface RejectedItem {
  /** The provider's id of it. Kept to 200 characters. */
  readonly externalId: string
  /** For people. Kept to 500 characters. */
  readonly reason: string
}

/**
 * How often the effects of a page happen: once, in the transaction that moves the cursor; or, for handlers that write
 * somewhere else, at least once: again, if the run dies before the cursor has moved.
 */
export type SyncGuarantee = 'exactly-once' | 'at-least-once'

/** What a run did, however it ended. */
export interface SyncCounts {
  readonly runId: string
  /** Pages that were handled and committed. */
  readonly pageCount: number
  /** Items in those pages. */
  readonly itemCount: number
  /** Of those items the ones that the handler rejected. */
  readonly rejectedCount: number
  readonly rejected: readonly RejectedItem[]
  /** What the handler of the run allows to say about its effects. */
  readonly guarantee: SyncGuarantee
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
