import { type Connection, toConnectionView } from '../domain/connection.ts'
import { isConnectorsError } from '../domain/errors.ts'
import type { ParsedWebhookEvent } from '../domain/provider.ts'
import { operatorScope, type TenantId } from '../domain/tenant.ts'
import { toWebhookEventView, type WebhookEvent } from '../domain/webhook-event.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Clock } from '../ports/clock.ts'
import type { Repositories } from '../ports/repositories.ts'
import type { Lifecycle } from './lifecycle.ts'
import { linkAbort } from './linked-abort.ts'
import { type PreparedHandler, prepareHandler } from './prepare-handler.ts'
import type { TransactionGuard } from './transaction-guard.ts'
import type { WebhookHandlerRegistry } from './webhook-handlers.ts'

/** What the handlers of an event are run with. */
export interface EventToHandle<T extends TenantId> {
  /** As it was claimed. */
  readonly event: WebhookEvent<T>
  readonly connection: Connection<T>
  readonly parsed: ParsedWebhookEvent
  readonly matching: ReturnType<WebhookHandlerRegistry['matching']>
  /** Tells the handlers to stop; so does `close`. */
  readonly signal: AbortSignal | undefined
}

/**
 * Runs all handlers of an event or none, in the transaction that ends the claim.
 *
 * @throws {ConnectorsError} `CLAIM_LOST`, `HANDLER_FAILED`, and what the store throws: nothing has happened then.
 */
export type HandleEvent<T extends TenantId> = (work: EventToHandle<T>) => Promise<void>

/** Makes it. */
export function createHandleEvent<T extends TenantId>({
  repositories,
  guard,
  lifecycle,
  clock,
  limits,
}: {
  readonly repositories: Repositories<T>
  readonly guard: TransactionGuard
  readonly lifecycle: Pick<Lifecycle, 'signal'>
  readonly clock: Clock
  readonly limits: ResolvedOptions['transaction']
}): HandleEvent<T> {
  const prepareAll = async ({ event, connection, parsed, matching }: EventToHandle<T>, signal: AbortSignal) => {
    const context = {
      event: parsed,
      delivery: toWebhookEventView(event),
      connection: toConnectionView(connection, clock.now()),
      attempt: event.attempts,
      signal,
    }
    const prepared: PreparedHandler[] = []
    for (const { pattern, handler } of matching) {
      prepared.push(await prepareHandler(handler, context, `of ${pattern}`))
    }
    return prepared
  }

  const commit = async (event: WebhookEvent<T>, prepared: readonly PreparedHandler[]) => {
    try {
      await repositories.transaction(
        ({ repositories: bound, tx }) =>
          guard.enter(async () => {
            // First of all: it refuses a stale claim before user code runs, and makes SQLite take its write lock.
            await bound.webhookEvents.complete(event, { attempt: event.attempts, at: clock.now() })
            for (const handler of prepared) await handler.run({ tx })
          }),
        limits,
      )
    } catch (error) {
      throw prepared.reduce((explained, handler) => handler.explain(explained), error)
    }
  }

  /** The answer to a COMMIT can be lost although it happened; the row tells. */
  const isProcessed = async ({ id, attempts }: WebhookEvent<T>) => {
    const row = await repositories.webhookEvents.find({ scope: operatorScope, id })
    return row?.status === 'processed' && row.attempts === attempts
  }

  const commitOrLook = async (event: WebhookEvent<T>, prepared: readonly PreparedHandler[]) => {
    try {
      await commit(event, prepared)
    } catch (error) {
      const isCertain = isConnectorsError(error, 'CLAIM_LOST') || isConnectorsError(error, 'HANDLER_FAILED')
      if (isCertain || !(await isProcessed(event))) throw error
    }
  }

  return async (work) => {
    const { signal, unlink } = linkAbort([work.signal, lifecycle.signal])
    try {
      const prepared = await prepareAll(work, signal)
      await commitOrLook(work.event, prepared)
    } finally {
      unlink()
    }
  }
}
