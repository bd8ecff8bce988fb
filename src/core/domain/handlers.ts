import type { ConnectionView } from './connection.ts'
import type { AnyProvider, ItemOf, ParsedWebhookEvent, ResourceOf, WebhookEventOf } from './provider.ts'
import type { RejectedItem } from './sync-result.ts'
import type { SyncMode } from './sync-state.ts'
import type { TenantId } from './tenant.ts'
import type { WebhookEventView } from './webhook-event.ts'

/**
 * Work that has to happen, in the transaction that records that it happened: either a function that gets the transaction,
 * or, where HTTP or slow work comes first, `prepare`: it runs outside of any transaction, may repeat, and answers the
 * function for the inside.
 */
export type Handler<Context, Tx> =
  | ((context: Context & { readonly tx: Tx }) => Promise<void>)
  | {
      /** Runs outside of any transaction, may repeat, and answers what runs inside. */
      readonly prepare: (context: Context) => Promise<(transaction: { readonly tx: Tx }) => Promise<void>>
    }

/** What a page handler is given, for one provider and resource. */
export interface PageContextOf<Name extends string, Item, T extends TenantId> {
  /** Tells the item types apart where several providers of a family are registered. */
  readonly provider: Name
  /** A frozen list. Don't change the items in it either: a transaction that is run again has to see the same. */
  readonly items: readonly Item[]
  readonly connection: ConnectionView<T>
  readonly resource: string
  /** Names the row of the sync: the resource, unless the run was given a key of its own. */
  readonly stateKey: string
  readonly runId: string
  /** Whether this page is part of a full pass, and of which: write the generation beside each item, for `onSweep`. */
  readonly mode: SyncMode
  readonly generation: number
  /**
   * Leaves out one item and says why, without failing the page: it is counted in the result, told in the event and logged.
   * More than `maxRejected` in a run fail it with `TOO_MANY_REJECTED`, and roll this page back. The item was seen all the
   * same: write the generation to the row that you have of it, if you sweep.
   *
   * @throws {ConnectorsError} `INVALID_INPUT` for anything but `{ externalId, reason }`, two texts.
   */
  readonly reject: (item: RejectedItem) => void
  /** Aborted when the run has to stop. */
  readonly signal: AbortSignal
}

/** What `onSweep` is given at the end of a full pass. */
export interface SweepContext<T extends TenantId> {
  readonly provider: string
  readonly connection: ConnectionView<T>
  readonly resource: string
  readonly stateKey: string
  readonly runId: string
  /** The pass that ends. */
  readonly generation: number
  /**
   * When the pass began, less `clockSkewMs`: what was written since then, by whichever process, may be newer than what the
   * pass has seen.
   */
  readonly startedAt: Date
}

/**
 * Handles pages, and perhaps the end of a full pass: `onSweep` runs in the transaction that ends it, after the last page.
 * Delete there what was neither seen in the pass (its generation is smaller) *nor written since `startedAt`* (webhooks may
 * have made it meanwhile).
 *
 * A handler that writes to somewhere else than the library's database can't share its transaction, and says so with
 * `atLeastOnce`: it runs before the transaction that moves the cursor, without `tx`, and again for the same page if that
 * doesn't commit. It has to be idempotent.
 */
export type PageHandlerOf<Context, T extends TenantId, Tx> =
  | ((context: Context & { readonly tx: Tx }) => Promise<void>)
  | {
      /** Runs outside of any transaction, may repeat, and answers what runs inside. */
      readonly prepare: (context: Context) => Promise<(transaction: { readonly tx: Tx }) => Promise<void>>
      /** Runs in the transaction that ends a full pass. */
      readonly onSweep?: (context: SweepContext<T> & { readonly tx: Tx }) => Promise<void>
    }
  | {
      /** Runs in the transaction that moves the cursor. */
      readonly onPage: (context: Context & { readonly tx: Tx }) => Promise<void>
      /** Runs in the transaction that ends a full pass. */
      readonly onSweep?: (context: SweepContext<T> & { readonly tx: Tx }) => Promise<void>
    }
  | {
      readonly atLeastOnce: {
        /** Runs before the cursor moves, and perhaps again for the same page. */
        readonly onPage: (context: Context) => Promise<void>
        /** Runs before a full pass ends, and perhaps again. */
        readonly onSweep?: (context: SweepContext<T>) => Promise<void>
      }
    }

/** The keys of page handlers: `family.resource`. */
export type HandlerKey<P extends AnyProvider> = P extends AnyProvider ? `${P['family']}.${ResourceOf<P>}` : never

type PageContextFor<P extends AnyProvider, Key extends string, T extends TenantId> = P extends AnyProvider
  ? Key extends `${P['family']}.${infer R}`
    ? R extends ResourceOf<P>
      ? PageContextOf<P['name'], ItemOf<P, R>, T>
      : never
    : never
  : never

/** Handles the pages of one resource. */
export type PageHandler<P extends AnyProvider, Key extends HandlerKey<P>, T extends TenantId, Tx> = PageHandlerOf<
  PageContextFor<P, Key, T>,
  T,
  Tx
>

/** The page handlers of an application, by `family.resource`. */
export type PageHandlers<P extends AnyProvider, T extends TenantId, Tx> = {
  readonly [Key in HandlerKey<P>]?: PageHandler<P, Key, T, Tx>
}

/** What a webhook handler is given. */
export interface WebhookContext<Event extends ParsedWebhookEvent, T extends TenantId> {
  /** The parsed event. */
  readonly event: Event
  /** The delivery as stored. */
  readonly delivery: WebhookEventView<T>
  readonly connection: ConnectionView<T>
  /** 1 for the first try. */
  readonly attempt: number
  readonly signal: AbortSignal
}

/** The event types of providers. */
export type EventType<P extends AnyProvider> = WebhookEventOf<P>['type']

/** `a.*` and `a.b.*` of `a.b.c`; any group where the type is no literal. */
type GroupOf<Type extends string, Before extends string = ''> = string extends Type
  ? `${Before}${string}.*`
  : Type extends `${infer Head}.${infer Rest}`
    ? `${Before}${Head}.*` | GroupOf<Rest, `${Before}${Head}.`>
    : never

/** An event type, a group of those that the providers know (`issues.*` for `issues.opened`), or all (`*`). */
export type WebhookPattern<P extends AnyProvider> = EventType<P> | GroupOf<EventType<P>> | '*'

type Matching<Event extends ParsedWebhookEvent, Pattern extends string> = Pattern extends '*' | `${string}.*`
  ? Event
  : Event extends ParsedWebhookEvent
    ? Pattern extends Event['type']
      ? Event
      : never
    : never

/** Handles the events that match a pattern. */
export type WebhookHandler<P extends AnyProvider, Pattern extends string, T extends TenantId, Tx> = Handler<
  WebhookContext<Matching<WebhookEventOf<P>, Pattern>, T>,
  Tx
>
