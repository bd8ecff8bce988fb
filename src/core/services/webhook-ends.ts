import { webhookRetryDelay } from '../domain/backoff.ts'
import type { Connection } from '../domain/connection.ts'
import { isConnectorsError } from '../domain/errors.ts'
import { eventBase } from '../domain/event-base.ts'
import type { ParsedWebhookEvent } from '../domain/provider.ts'
import { storableText } from '../domain/storable-text.ts'
import type { TenantId } from '../domain/tenant.ts'
import { toWebhookEventView, type WebhookErrorKind, type WebhookEvent } from '../domain/webhook-event.ts'
import type { ProcessResult } from '../domain/webhook-outcome.ts'
import type { Clock } from '../ports/clock.ts'
import type { Randomness } from '../ports/randomness.ts'
import type { WebhookEventRepository, WebhookFailure } from '../ports/webhook-event-repository.ts'
import type { Emitter } from './emitter.ts'
import { thrownMessage } from './thrown-message.ts'

const maxErrorLength = 2_000
/** How long a delivery waits whose connection is disabled, before somebody looks again. */
const disabledDelayMs = 5 * 60_000

/** The ways in which the processing of a claimed delivery ends. All but the last write it into the row. */
export interface WebhookEnds<T extends TenantId> {
  /** For what won't get better by trying again. Without a connection there is nobody to tell. */
  readonly die: (
    event: WebhookEvent<T>,
    connection: Connection<T> | null,
    failure: WebhookFailure,
  ) => Promise<ProcessResult<T>>
  /** Has it tried again later, or ends it if that was the last time. */
  readonly fail: (
    event: WebhookEvent<T>,
    connection: Connection<T>,
    thrown: unknown,
    errorKind: WebhookErrorKind,
  ) => Promise<ProcessResult<T>>
  /** Leaves a delivery of a disabled connection for later, as if nobody had begun with it. */
  readonly hold: (event: WebhookEvent<T>) => Promise<ProcessResult<T>>
  /** Tells of one whose handlers have committed: the row says so already. */
  readonly succeed: (event: WebhookEvent<T>, connection: Connection<T>, parsed: ParsedWebhookEvent) => ProcessResult<T>
}

/** The ends, over the store and the listeners. */
export function createWebhookEnds<T extends TenantId>({
  webhookEvents,
  emitter,
  clock,
  randomness,
}: {
  readonly webhookEvents: Pick<WebhookEventRepository<T>, 'deadLetter' | 'retryLater'>
  readonly emitter: Pick<Emitter<T>, 'emit'>
  readonly clock: Clock
  readonly randomness: Randomness
}): WebhookEnds<T> {
  const die: WebhookEnds<T>['die'] = async (event, connection, failure) => {
    const at = clock.now()
    const { error } = failure
    await webhookEvents.deadLetter(event, { attempt: event.attempts, at, ...failure })
    if (connection !== null) {
      const stored = toWebhookEventView({ ...event, ...failure, status: 'dead', availableAt: null })
      emitter.emit('webhook.dead', { ...eventBase(connection, at), event: stored, error })
    }
    return { status: 'dead', eventId: event.id, error }
  }

  return {
    die,

    fail: async (event, connection, thrown, errorKind) => {
      const failure = { error: storableText(thrownMessage(thrown), maxErrorLength), errorKind }
      // A store that can't be used says nothing about the delivery: it is never given up for that.
      const isStoreAway = isConnectorsError(thrown, 'STORE_UNAVAILABLE')
      const failureCount = event.failureCount + (isStoreAway ? 0 : 1)
      const delayMs = webhookRetryDelay(Math.max(1, failureCount), randomness.fraction())
      if (delayMs === null) return die(event, connection, failure)
      const at = clock.now()
      const retryAt = new Date(at.getTime() + delayMs)
      const end = { ...failure, failureCount, availableAt: retryAt }
      await webhookEvents.retryLater(event, { attempt: event.attempts, at, ...end })
      const { error } = failure
      const stored = toWebhookEventView({ ...event, ...end, status: 'failed' })
      emitter.emit('webhook.failed', { ...eventBase(connection, at), event: stored, error, retryAt })
      return { status: 'failed', eventId: event.id, error, retryAt }
    },

    hold: async (event) => {
      const at = clock.now()
      const retryAt = new Date(at.getTime() + disabledDelayMs)
      const { attempts: attempt, failureCount } = event
      const failure = { error: 'The connection is disabled.', errorKind: 'disabled' } as const
      await webhookEvents.retryLater(event, { attempt, at, availableAt: retryAt, failureCount, ...failure })
      return { status: 'held', eventId: event.id, retryAt }
    },

    succeed: (event, connection, parsed) => {
      const at = clock.now()
      const stored = toWebhookEventView({
        ...event,
        status: 'processed',
        processedAt: at,
        availableAt: null,
        error: null,
        errorKind: null,
      })
      emitter.emit('webhook.processed', { ...eventBase(connection, at), event: stored, parsed })
      return { status: 'processed', eventId: event.id, event: stored }
    },
  }
}
