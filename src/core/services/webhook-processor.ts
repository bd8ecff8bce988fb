import type { Connection } from '../domain/connection.ts'
import { ConnectorsError, isConnectorsError } from '../domain/errors.ts'
import type { ParsedWebhookEvent } from '../domain/provider.ts'
import { operatorScope, type TenantId } from '../domain/tenant.ts'
import type { WebhookEvent } from '../domain/webhook-event.ts'
import type { ProcessResult } from '../domain/webhook-outcome.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Clock } from '../ports/clock.ts'
import type { DueWebhook, WebhookEventRepository } from '../ports/webhook-event-repository.ts'
import type { GateCopies } from './gate-copies.ts'
import type { HandleEvent } from './handle-event.ts'
import type { Lifecycle } from './lifecycle.ts'
import { limitConcurrency } from './limit-concurrency.ts'
import type { ProviderRegistry } from './provider-registry.ts'
import type { WebhookEnds } from './webhook-ends.ts'
import { webhookErrorKind } from './webhook-error-kind.ts'
import type { WebhookHandlerRegistry } from './webhook-handlers.ts'

/**
 * Processes one stored delivery, when there is room: claim, parse, and all handlers in one transaction whose first statement
 * ends the claim. Without a handler for its type it is left to the processes that have one.
 */
export type ProcessWebhook<T extends TenantId> = (
  webhook: DueWebhook<T>,
  signal?: AbortSignal,
) => Promise<ProcessResult<T>>

/** Makes the processor. */
export function createWebhookProcessor<T extends TenantId>({
  webhookEvents,
  copies,
  registry,
  handlers,
  handleEvent,
  ends,
  lifecycle,
  clock,
  options,
}: {
  readonly webhookEvents: Pick<WebhookEventRepository<T>, 'find' | 'claim' | 'markUnhandled'>
  readonly copies: Pick<GateCopies<T>, 'readFresh'>
  readonly registry: Pick<ProviderRegistry, 'of'>
  readonly handlers: WebhookHandlerRegistry
  readonly handleEvent: HandleEvent<T>
  readonly ends: WebhookEnds<T>
  readonly lifecycle: Pick<Lifecycle, 'signal'>
  readonly clock: Clock
  readonly options: Pick<ResolvedOptions, 'webhooks' | 'clockSkewMs'>
}): ProcessWebhook<T> {
  const claim = (webhook: DueWebhook<T>) =>
    webhookEvents.claim(webhook, {
      at: clock.now(),
      leaseMs: options.webhooks.claimLeaseMs,
      handled: handlers.handled(),
    })

  const findConnection = async (event: WebhookEvent<T>): Promise<Connection<T> | null> => {
    try {
      return await copies.readFresh(operatorScope, event.connectionId)
    } catch (error) {
      if (isConnectorsError(error, 'CONNECTION_NOT_FOUND')) return null
      throw error
    }
  }

  const parse = (event: WebhookEvent<T>, connection: Connection<T>): ParsedWebhookEvent => {
    const support = registry.of(connection).webhooks
    if (support === null)
      throw new ConnectorsError('WEBHOOKS_UNSUPPORTED', `The provider ${event.provider} declares no webhooks.`)
    // The column is written by the receiver: an object of strings.
    return support.parse({ headers: event.headers as Readonly<Record<string, string>>, rawBody: event.rawBody })
  }

  /** A crash is a failure like others: what kills its process each time is given up in the end, and waits longer and longer. */
  const failCrashed = async ({ id }: DueWebhook<T>): Promise<ProcessResult<T>> => {
    const event = await webhookEvents.find({ scope: operatorScope, id })
    if (event === null || !isAbandoned(event)) return { status: 'skipped', eventId: id }
    const connection = await findConnection(event)
    if (connection === null || connection.deletedAt !== null) return bury(event, connection)
    return ends.fail(event, connection, crash(options), 'crashed')
  }

  /** Whether its claim expired: then nobody can end it but whoever knows its attempt. */
  const isAbandoned = ({ status, claimExpiresAt }: WebhookEvent<T>) => {
    const expired = clock.now().getTime() - options.clockSkewMs
    return status === 'processing' && (claimExpiresAt === null || claimExpiresAt.getTime() < expired)
  }

  const bury = (event: WebhookEvent<T>, connection: Connection<T> | null) => {
    const error = 'The connection was deleted before the delivery was processed.'
    return ends.die(event, connection, { error, errorKind: 'deleted' })
  }

  const process: ProcessWebhook<T> = async (webhook, signal) => {
    const eventId = webhook.id
    // Once: a handler that is taken back from now on is still called, so that the delivery is not ended by nobody.
    const matching = handlers.matching(webhook.eventType)
    if (matching.length === 0) {
      await webhookEvents.markUnhandled(webhook)
      return { status: 'unhandled', eventId }
    }
    if (webhook.status === 'processing') return failCrashed(webhook)
    const event = await claim(webhook)
    if (event === null) return { status: 'skipped', eventId }
    const connection = await findConnection(event)
    if (connection === null || connection.deletedAt !== null) return bury(event, connection)
    if (!connection.isEnabled && options.webhooks.whileDisabled === 'hold') return ends.hold(event)
    let parsed: ParsedWebhookEvent
    try {
      parsed = parse(event, connection)
    } catch (error) {
      const kind = webhookErrorKind(error)
      return ends.fail(event, connection, error, kind === 'configuration' ? kind : 'unreadable')
    }
    try {
      await handleEvent({ event, connection, parsed, matching, signal })
    } catch (error) {
      if (isConnectorsError(error, 'CLAIM_LOST')) throw error
      return ends.fail(event, connection, error, webhookErrorKind(error))
    }
    return ends.succeed(event, connection, parsed)
  }

  const whenThereIsRoom = limitConcurrency(options.webhooks.concurrency)
  return (webhook, signal) =>
    whenThereIsRoom(async (hadToWait) => {
      // Whoever closes doesn't wait for a whole queue: what had to wait waits in its row.
      if (hadToWait && lifecycle.signal.aborted) return { status: 'skipped', eventId: webhook.id }
      try {
        return await process(webhook, signal)
      } catch (error) {
        // Our claim expired and someone else took over: it is theirs now.
        if (isConnectorsError(error, 'CLAIM_LOST')) return { status: 'skipped', eventId: webhook.id }
        throw error
      }
    })
}

function crash({ webhooks }: Pick<ResolvedOptions, 'webhooks'>): Error {
  return new Error(
    `The process that was at it ended, or was silent for longer than webhooks.claimLeaseMs (${webhooks.claimLeaseMs} ms).`,
  )
}
