import { webhookRetryDelay } from '../domain/backoff.ts'
import { type Connection, toConnectionView } from '../domain/connection.ts'
import { ConnectorsError, isConnectorsError } from '../domain/errors.ts'
import { eventBase } from '../domain/event-base.ts'
import type { ParsedWebhookEvent } from '../domain/provider.ts'
import { storableText } from '../domain/storable-text.ts'
import { operatorScope, type TenantId } from '../domain/tenant.ts'
import { toWebhookEventView, type WebhookErrorKind, type WebhookEvent } from '../domain/webhook-event.ts'
import type { ProcessResult } from '../domain/webhook-outcome.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Clock } from '../ports/clock.ts'
import type { Randomness } from '../ports/randomness.ts'
import type { Repositories } from '../ports/repositories.ts'
import type { DueWebhook, WebhookFailure } from '../ports/webhook-event-repository.ts'
import type { Emitter } from './emitter.ts'
import type { GateCopies } from './gate-copies.ts'
import type { Lifecycle } from './lifecycle.ts'
import { limitConcurrency } from './limit-concurrency.ts'
import { type PreparedHandler, prepareHandler } from './prepare-handler.ts'
import type { ProviderRegistry } from './provider-registry.ts'
import { thrownMessage } from './thrown-message.ts'
import type { TransactionGuard } from './transaction-guard.ts'
import { webhookErrorKind } from './webhook-error-kind.ts'
import type { WebhookHandlerRegistry } from './webhook-handlers.ts'

const maxErrorLength = 2_000
/** How long a delivery waits whose connection is disabled, before somebody looks again. */
const disabledDelayMs = 5 * 60_000

type MatchingHandlers = ReturnType<WebhookHandlerRegistry['matching']>

/**
 * Processes one stored delivery, when there is room: claim, parse, and all handlers in one transaction whose first statement
 * ends the claim. Without a handler for its type it is left to the processes that have one.
 */
export type ProcessWebhook<T extends TenantId> = (webhook: DueWebhook<T>) => Promise<ProcessResult<T>>

/** Makes the processor. */
export function createWebhookProcessor<T extends TenantId>({
  repositories,
  copies,
  registry,
  handlers,
  emitter,
  guard,
  lifecycle,
  clock,
  randomness,
  options,
}: {
  readonly repositories: Repositories<T>
  readonly copies: GateCopies<T>
  readonly registry: ProviderRegistry
  readonly handlers: WebhookHandlerRegistry
  readonly emitter: Pick<Emitter<T>, 'emit'>
  readonly guard: TransactionGuard
  readonly lifecycle: Pick<Lifecycle, 'signal'>
  readonly clock: Clock
  readonly randomness: Randomness
  readonly options: Pick<ResolvedOptions, 'webhooks' | 'transaction' | 'clockSkewMs'>
}): ProcessWebhook<T> {
  const { webhookEvents } = repositories
  const parse = (event: WebhookEvent<T>, connection: Connection<T>): ParsedWebhookEvent => {
    const support = registry.of(connection).webhooks
    if (support === null)
      throw new ConnectorsError('WEBHOOKS_UNSUPPORTED', `The provider ${event.provider} declares no webhooks.`)
    // The column is written by the receiver: an object of strings.
    return support.parse({ headers: event.headers as Readonly<Record<string, string>>, rawBody: event.rawBody })
  }

  /** All handlers or none, with the end of the claim. */
  const handleAll = async (
    event: WebhookEvent<T>,
    connection: Connection<T>,
    parsed: ParsedWebhookEvent,
    matching: MatchingHandlers,
  ): Promise<void> => {
    const context = {
      event: parsed,
      delivery: toWebhookEventView(event),
      connection: toConnectionView(connection, clock.now()),
      attempt: event.attempts,
      signal: lifecycle.signal,
    }
    const prepared: PreparedHandler[] = []
    for (const { pattern, handler } of matching) {
      prepared.push(await prepareHandler(handler, context, `of ${pattern}`))
    }
    try {
      await repositories.transaction(
        ({ repositories: bound, tx }) =>
          guard.enter(async () => {
            // First of all: it refuses a stale claim before user code runs, and makes SQLite take its write lock.
            await bound.webhookEvents.complete(event, { attempt: event.attempts, at: clock.now() })
            for (const handler of prepared) await handler.run({ tx })
          }),
        options.transaction,
      )
    } catch (error) {
      throw prepared.reduce((explained, handler) => handler.explain(explained), error)
    }
  }

  /** The answer to a COMMIT can be lost although it happened; the row tells. */
  const isProcessed = async (event: WebhookEvent<T>) => {
    const row = await webhookEvents.find({ scope: operatorScope, id: event.id })
    return row?.status === 'processed' && row.attempts === event.attempts
  }

  /** For what won't get better by trying again. Without a connection there is nobody to tell. */
  const die = async (
    event: WebhookEvent<T>,
    connection: Connection<T> | null,
    failure: WebhookFailure,
    at: Date,
  ): Promise<ProcessResult<T>> => {
    const { error } = failure
    await webhookEvents.deadLetter(event, { attempt: event.attempts, at, ...failure })
    if (connection !== null) {
      const stored = toWebhookEventView({ ...event, ...failure, status: 'dead', availableAt: null })
      emitter.emit('webhook.dead', { ...eventBase(connection, at), event: stored, error })
    }
    return { status: 'dead', eventId: event.id, error }
  }

  const fail = async (
    event: WebhookEvent<T>,
    connection: Connection<T>,
    thrown: unknown,
    errorKind: WebhookErrorKind,
  ): Promise<ProcessResult<T>> => {
    const at = clock.now()
    const failure = { error: storableText(thrownMessage(thrown), maxErrorLength), errorKind }
    // A store that can't be used says nothing about the delivery: it is never given up for that.
    const isStoreAway = isConnectorsError(thrown, 'STORE_UNAVAILABLE')
    const failureCount = event.failureCount + (isStoreAway ? 0 : 1)
    const delayMs = webhookRetryDelay(Math.max(1, failureCount), randomness.fraction())
    if (delayMs === null) return die(event, connection, failure, at)
    const retryAt = new Date(at.getTime() + delayMs)
    const end = { ...failure, failureCount, availableAt: retryAt }
    await webhookEvents.retryLater(event, { attempt: event.attempts, at, ...end })
    const { error } = failure
    const stored = toWebhookEventView({ ...event, ...end, status: 'failed' })
    emitter.emit('webhook.failed', { ...eventBase(connection, at), event: stored, error, retryAt })
    return { status: 'failed', eventId: event.id, error, retryAt }
  }

  /** Leaves a delivery of a disabled connection for later, as if nobody had begun with it. */
  const hold = async (event: WebhookEvent<T>): Promise<ProcessResult<T>> => {
    const at = clock.now()
    const retryAt = new Date(at.getTime() + disabledDelayMs)
    const { attempts: attempt, failureCount } = event
    const failure = { error: 'The connection is disabled.', errorKind: 'disabled' } as const
    await webhookEvents.retryLater(event, { attempt, at, availableAt: retryAt, failureCount, ...failure })
    return { status: 'held', eventId: event.id, retryAt }
  }

  const findConnection = async (event: WebhookEvent<T>): Promise<Connection<T> | null> => {
    try {
      return await copies.readFresh(operatorScope, event.connectionId)
    } catch (error) {
      if (isConnectorsError(error, 'CONNECTION_NOT_FOUND')) return null
      throw error
    }
  }

  const process: ProcessWebhook<T> = async (webhook) => {
    const eventId = webhook.id
    // Once: a handler that is taken back from now on is still called, so that the delivery is not ended by nobody.
    const matching = handlers.matching(webhook.eventType)
    if (matching.length === 0) {
      await webhookEvents.markUnhandled(webhook)
      return { status: 'unhandled', eventId }
    }
    const event = await webhookEvents.claim(webhook, {
      at: clock.now(),
      leaseMs: options.webhooks.claimLeaseMs,
      clockSkewMs: options.clockSkewMs,
      handled: handlers.handled(),
    })
    if (event === null) return { status: 'skipped', eventId }
    const connection = await findConnection(event)
    if (connection === null || connection.deletedAt !== null) {
      const error = 'The connection was deleted before the delivery was processed.'
      return die(event, connection, { error, errorKind: 'deleted' }, clock.now())
    }
    if (!connection.isEnabled && options.webhooks.whileDisabled === 'hold') return hold(event)
    let parsed: ParsedWebhookEvent
    try {
      parsed = parse(event, connection)
    } catch (error) {
      const kind = webhookErrorKind(error)
      return fail(event, connection, error, kind === 'configuration' ? kind : 'unreadable')
    }
    try {
      await handleAll(event, connection, parsed, matching)
    } catch (error) {
      if (isConnectorsError(error, 'CLAIM_LOST')) throw error
      const isCertain = isConnectorsError(error, 'HANDLER_FAILED')
      if (isCertain || !(await isProcessed(event))) return fail(event, connection, error, webhookErrorKind(error))
    }
    const processed = {
      ...event,
      status: 'processed',
      processedAt: clock.now(),
      availableAt: null,
      error: null,
      errorKind: null,
    } as const
    const stored = toWebhookEventView(processed)
    emitter.emit('webhook.processed', { ...eventBase(connection, clock.now()), event: stored, parsed })
    return { status: 'processed', eventId, event: stored }
  }

  const whenThereIsRoom = limitConcurrency(options.webhooks.concurrency)
  return (webhook) =>
    whenThereIsRoom(async (hadToWait) => {
      // Whoever closes doesn't wait for a whole queue: what had to wait waits in its row.
      if (hadToWait && lifecycle.signal.aborted) return { status: 'skipped', eventId: webhook.id }
      try {
        return await process(webhook)
      } catch (error) {
        // Our claim expired and someone else took over: it is theirs now.
        if (isConnectorsError(error, 'CLAIM_LOST')) return { status: 'skipped', eventId: webhook.id }
        throw error
      }
    })
}
