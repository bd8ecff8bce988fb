import { bodyPurged } from '../domain/body-purged.ts'
import { ConnectorsError } from '../domain/errors.ts'
import type { Listing } from '../domain/listing.ts'
import { isStorableText } from '../domain/storable-text.ts'
import { operatorScope, type Scope, type TenantId } from '../domain/tenant.ts'
import { toWebhookEventView, type WebhookEventView } from '../domain/webhook-event.ts'
import type { DueDelivery, DueDeliveryOptions, ProcessResult } from '../domain/webhook-outcome.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Clock } from '../ports/clock.ts'
import type { WebhookEventFilter, WebhookEventRepository } from '../ports/webhook-event-repository.ts'
import { abortSignal, checkFields, type FieldCheck, flag, text, wholeNumber } from './check-fields.ts'
import type { JustStored } from './just-stored.ts'
import { createListing } from './listing.ts'
import type { WebhookHandlerRegistry } from './webhook-handlers.ts'
import type { ProcessWebhook } from './webhook-processor.ts'
import type { ReceiveWebhook } from './webhook-receiver.ts'
import type { WebhookUpkeep } from './webhook-upkeep.ts'

const dueDefaults = { limit: 100, perTenant: 10 }

const dueFields = { limit: wholeNumber, perTenant: wholeNumber } satisfies Record<keyof DueDeliveryOptions, FieldCheck>

const filterFields = {
  connectionId: text,
  provider: text,
  eventType: text,
  status: text,
  signatureValid: flag,
  idempotencyKey: text,
} satisfies Record<keyof WebhookEventFilter, FieldCheck>

/** The verbs on webhooks, for any scope. */
export interface WebhookService<T extends TenantId> {
  readonly receive: ReceiveWebhook<T>
  readonly process: (
    scope: Scope<T>,
    eventId: string,
    options?: { readonly signal?: AbortSignal },
  ) => Promise<ProcessResult<T>>
  readonly processDue: (scope: Scope<T>, options?: DueDeliveryOptions) => Promise<readonly ProcessResult<T>[]>
  readonly due: (options?: DueDeliveryOptions) => Promise<readonly DueDelivery<T>[]>
  readonly list: (scope: Scope<T>, filter?: WebhookEventFilter) => Listing<WebhookEventView<T>>
  readonly get: (scope: Scope<T>, eventId: string) => Promise<WebhookEventView<T>>
  readonly replay: (
    scope: Scope<T>,
    target: string | WebhookEventFilter,
  ) => Promise<WebhookEventView<T> | Awaited<ReturnType<WebhookUpkeep<T>['replayAll']>>>
  readonly skip: (
    scope: Scope<T>,
    eventId: string,
    change?: { readonly reason?: string },
  ) => Promise<WebhookEventView<T>>
  readonly prune: WebhookUpkeep<T>['prune']
}

/** The service over receiver and processor. */
export function createWebhookService<T extends TenantId>({
  webhookEvents,
  justStored,
  receive,
  process,
  upkeep,
  handlers,
  clock,
  options,
}: {
  readonly webhookEvents: WebhookEventRepository<T>
  readonly justStored: Pick<JustStored<T>, 'takeStored'>
  readonly receive: ReceiveWebhook<T>
  readonly process: ProcessWebhook<T>
  readonly upkeep: WebhookUpkeep<T>
  readonly handlers: WebhookHandlerRegistry
  readonly clock: Clock
  readonly options: Pick<ResolvedOptions, 'clockSkewMs'>
}): WebhookService<T> {
  const find = async (scope: Scope<T>, id: string) => {
    // Only texts get through: a store may take `undefined` for "any".
    const isId = typeof id === 'string' && id !== '' && isStorableText(id)
    const event = isId ? await webhookEvents.find({ scope, id }) : null
    if (event !== null) return event
    throw new ConnectorsError(
      'WEBHOOK_EVENT_NOT_FOUND',
      `There is no webhook event ${JSON.stringify(id)} here. Check the id and the tenant.`,
    )
  }
  return {
    receive,
    process: async (scope, eventId, options = {}) => {
      checkFields('The options of webhooks.process', options, { signal: abortSignal })
      const stored = justStored.takeStored(scope, eventId)
      if (stored !== null) return process(stored, options.signal)
      const event = await find(scope, eventId)
      if (event.status === 'rejected') {
        throw new ConnectorsError(
          'INVALID_INPUT',
          `Webhook event ${eventId} was rejected (${event.error}); it is never processed.`,
        )
      }
      if (event.purgedAt !== null) throw bodyPurged(eventId)
      return process(event, options.signal)
    },
    due: async (dueOptions = {}) => {
      checkFields('The options of webhooks.due', dueOptions, dueFields)
      const { limit = dueDefaults.limit, perTenant = dueDefaults.perTenant } = dueOptions
      const due = await webhookEvents.due({
        scope: operatorScope,
        at: clock.now(),
        clockSkewMs: options.clockSkewMs,
        limit,
        perTenant,
        handled: handlers.handled(),
      })
      return due.map(({ tenantId, id: eventId, eventType, orderKey }) => ({ tenantId, eventId, eventType, orderKey }))
    },
    processDue: async (scope, dueOptions = {}) => {
      checkFields('The options of webhooks.processDue', dueOptions, dueFields)
      const { limit = dueDefaults.limit, perTenant = dueDefaults.perTenant } = dueOptions
      const done: ProcessResult<T>[] = []
      for (;;) {
        const due = await webhookEvents.due({
          scope,
          at: clock.now(),
          clockSkewMs: options.clockSkewMs,
          limit: limit - done.length,
          // There are no others.
          perTenant: scope.kind === 'tenant' ? limit : perTenant,
          handled: handlers.handled(),
        })
        // All at once: the processor takes them in order and only as many at a time as it may.
        const results = await Promise.allSettled(due.map((webhook) => process(webhook)))
        for (const result of results) {
          if (result.status === 'rejected') throw result.reason
          done.push(result.value)
        }
        // What had to wait for one of these is due now.
        if (done.length >= limit || !due.some(({ orderKey }) => orderKey !== null)) return done
      }
    },
    list: (scope, filter = {}) =>
      createListing(async (page) => {
        checkFields('The filter of webhooks.list', filter, filterFields)
        return webhookEvents.list({ scope, filter, ...page })
      }, toWebhookEventView),
    get: async (scope, eventId) => toWebhookEventView(await find(scope, eventId)),
    replay: async (scope, target) => {
      if (typeof target === 'string') return upkeep.replay(await find(scope, target))
      checkFields('The filter of webhooks.replay', target, filterFields)
      return upkeep.replayAll(scope, target)
    },
    skip: async (scope, eventId, change) => upkeep.skip(await find(scope, eventId), change),
    prune: upkeep.prune,
  }
}
