import type { Connection } from '../domain/connection.ts'
import { connectionNotFound } from '../domain/connection-not-found.ts'
import { ConnectorsError } from '../domain/errors.ts'
import { eventBase } from '../domain/event-base.ts'
import type { AnyProvider, ChallengeAnswer, ParsedWebhookEvent, WebhookSupport } from '../domain/provider.ts'
import { type Verification, verifySignature } from '../domain/signature.ts'
import type { Scope, TenantId } from '../domain/tenant.ts'
import { toWebhookEventView, type WebhookEvent } from '../domain/webhook-event.ts'
import type { IncomingDelivery, ReceivedEvent, ReceiveOverrides, ReceiveResult } from '../domain/webhook-outcome.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Clock } from '../ports/clock.ts'
import type { Ids } from '../ports/randomness.ts'
import type { WebhookEventRepository } from '../ports/webhook-event-repository.ts'
import { challengeAnswer } from './challenge-answer.ts'
import type { Emitter } from './emitter.ts'
import type { GateCopies } from './gate-copies.ts'
import type { ProviderRegistry } from './provider-registry.ts'
import { type ReadDelivery, readDelivery } from './read-delivery.ts'
import { withOverrides } from './receive-overrides.ts'
import type { SecretSealer } from './secret-sealer.ts'
import { toStoredEvent, toStoredEvents } from './stored-events.ts'

/** Of a rejected body, so much is kept: enough to see what it was. */
const rejectedBodyBytes = 1_024

/** Verifies deliveries and stores them. */
export type ReceiveWebhook<T extends TenantId> = (
  scope: Scope<T>,
  connectionId: string,
  delivery: IncomingDelivery,
  overrides?: ReceiveOverrides,
) => Promise<ReceiveResult<T>>

/** Makes the receiver. */
export function createWebhookReceiver<T extends TenantId>({
  webhookEvents,
  copies,
  registry,
  sealer,
  emitter,
  clock,
  ids,
  options,
}: {
  readonly webhookEvents: Pick<WebhookEventRepository<T>, 'insertIfAbsent' | 'keepRejected'>
  readonly copies: GateCopies<T>
  readonly registry: ProviderRegistry
  readonly sealer: SecretSealer
  readonly emitter: Pick<Emitter<T>, 'emit'>
  readonly clock: Clock
  readonly ids: Ids
  readonly options: Pick<ResolvedOptions, 'webhooks'>
}): ReceiveWebhook<T> {
  /** Whether a delivery is genuine, and whether it is one at all. */
  const look = async (
    support: WebhookSupport<ParsedWebhookEvent>,
    connection: Connection<T>,
    { method, ...delivery }: ReadDelivery,
    given: readonly string[] | undefined,
  ): Promise<{ readonly verification: Verification; readonly answer: Required<ChallengeAnswer> | null }> => {
    const now = clock.now()
    const secrets = given ?? (await sealer.openWebhookSecrets(connection, now)).map(({ secret }) => secret)
    const verification: Verification =
      method === 'GET'
        ? { isValid: false, reason: 'a GET is no delivery' }
        : verifySignature(support.signature, { ...delivery, secrets, now })
    const known = { secrets, isSigned: verification.isValid }
    return { verification, answer: challengeAnswer(support, { method, ...delivery }, known) }
  }

  const store = async (event: WebhookEvent<T>, connection: Connection<T>): Promise<ReceivedEvent<T>> => {
    const stored = await webhookEvents.insertIfAbsent(event)
    const view = toWebhookEventView(stored.event)
    const name = stored.isNew ? 'webhook.received' : 'webhook.duplicated'
    emitter.emit(name, { ...eventBase(connection, clock.now()), event: view })
    return { isNew: stored.isNew, event: view }
  }

  const reject = async (
    event: WebhookEvent<T>,
    connection: Connection<T>,
    reason: string,
  ): Promise<ReceiveResult<T>> => {
    const rejected: WebhookEvent<T> = {
      ...event,
      idempotencyKey: `rejected:${event.id}`,
      rawBody: event.rawBody.slice(0, rejectedBodyBytes),
      payload: null,
      signatureValid: false,
      status: 'rejected',
      availableAt: null,
      error: reason,
      errorKind: 'signature',
    }
    const startOfDay = new Date(event.createdAt)
    startOfDay.setUTCHours(0, 0, 0, 0)
    const isKept = await webhookEvents.keepRejected(rejected, {
      since: startOfDay,
      limit: options.webhooks.maxRejectedPerDay,
    })
    emitter.emit('webhook.rejected', {
      ...eventBase(connection, event.createdAt),
      reason,
      eventId: isKept ? event.id : null,
    })
    return { status: 'rejected', signatureValid: false, reason }
  }

  return async (scope, connectionId, incoming, overrides = {}) => {
    const delivery = await readDelivery(incoming, options.webhooks)
    let connection = refuseGone(await copies.read(scope, connectionId))
    const support = withOverrides(requireSupport(registry.of(connection)), overrides)

    let { verification, answer } = await look(support, connection, delivery, overrides.secrets)
    const isQuestion = delivery.method === 'GET'
    if (answer === null && !verification.isValid && !(isQuestion && support.challenge === undefined)) {
      // The secret may have been replaced since the copy was made.
      connection = refuseGone(await copies.readFresh(scope, connectionId))
      ;({ verification, answer } = await look(support, connection, delivery, overrides.secrets))
    }
    if (answer !== null) return { status: 'challenge', signatureValid: verification.isValid, answer }
    // Whoever looks at the address with a browser is no reason to keep a row.
    if (!verification.isValid && isQuestion) {
      return { status: 'rejected', signatureValid: false, reason: verification.reason }
    }
    const { keepOrder: keepsOrder } = options.webhooks
    const toStore = { connection, support, delivery, at: clock.now(), nextId: () => ids.next(), keepsOrder }
    if (!verification.isValid) return reject(toStoredEvent(toStore), connection, verification.reason)

    const [first, ...others] = toStoredEvents(toStore)
    const head = await store(first, connection)
    const stored = [head]
    // Ids say what came first, and another delivery of the same may have brought the one before this only now.
    for (const event of others) stored.push(await store({ ...event, id: ids.next() }, connection))
    const status = stored.some(({ isNew }) => isNew) ? 'accepted' : 'duplicate'
    return { status, signatureValid: first.signatureValid, event: head.event, events: stored }
  }
}

function refuseGone<T extends TenantId>(connection: Connection<T>): Connection<T> {
  if (connection.deletedAt === null) return connection
  throw new ConnectorsError(
    'CONNECTION_DELETED',
    `Connection ${connection.id} was deleted: remove its webhook at the provider.`,
    {
      cause: connectionNotFound(connection.id),
    },
  )
}

function requireSupport(provider: AnyProvider): WebhookSupport<ParsedWebhookEvent> {
  if (provider.webhooks !== null) return provider.webhooks
  throw new ConnectorsError('WEBHOOKS_UNSUPPORTED', `The provider ${provider.name} declares no webhooks.`)
}
