import type { IncomingDelivery, ReceiveResult } from '../connectors.ts'
import type { Connection } from '../domain/connection.ts'
import { connectionNotFound } from '../domain/connection-not-found.ts'
import { ConnectorsError } from '../domain/errors.ts'
import { eventBase } from '../domain/event-base.ts'
import type { Json, JsonObject } from '../domain/json.ts'
import type {
  AnyProvider,
  ChallengeAnswer,
  ParsedWebhookEvent,
  WebhookDelivery,
  WebhookSupport,
} from '../domain/provider.ts'
import { redacted } from '../domain/redacted.ts'
import { createRedactor } from '../domain/redaction.ts'
import { coversBody, type SignatureScheme, type Verification, verifySignature } from '../domain/signature.ts'
import type { SignedDelivery } from '../domain/signature-layout.ts'
import { storableText } from '../domain/storable-text.ts'
import type { Scope, TenantId } from '../domain/tenant.ts'
import { idempotencyKey, isStorableJson, parseJsonBody } from '../domain/webhook-delivery.ts'
import { toWebhookEventView, type WebhookEvent } from '../domain/webhook-event.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Clock } from '../ports/clock.ts'
import type { Ids } from '../ports/randomness.ts'
import type { WebhookEventRepository } from '../ports/webhook-event-repository.ts'
import type { Emitter } from './emitter.ts'
import type { GateCopies } from './gate-copies.ts'
import type { ProviderRegistry } from './provider-registry.ts'
import { type ReadDelivery, readDelivery } from './read-delivery.ts'
import type { SecretSealer } from './secret-sealer.ts'

/** Of a rejected body, so much is kept: enough to see what it was. */
const rejectedBodyBytes = 1_024
const maxHeaderLength = 1_024
const maxTypeLength = 200

/** Verifies deliveries and stores them. */
export type ReceiveWebhook<T extends TenantId> = (
  scope: Scope<T>,
  connectionId: string,
  delivery: IncomingDelivery,
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
  readonly webhookEvents: WebhookEventRepository<T>
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
  ): Promise<{ readonly verification: Verification; readonly answer: Required<ChallengeAnswer> | null }> => {
    const now = clock.now()
    const secrets = (await sealer.openWebhookSecrets(connection, now)).map(({ secret }) => secret)
    const verification: Verification =
      method === 'GET'
        ? { isValid: false, reason: 'a GET is no delivery' }
        : verifySignature(support.signature, { ...delivery, secrets, now })
    return { verification, answer: challengeAnswer(support, { method, ...delivery }, secrets, verification.isValid) }
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

  return async (scope, connectionId, incoming) => {
    const delivery = await readDelivery(incoming, options.webhooks)
    let connection = refuseGone(await copies.read(scope, connectionId))
    const provider = registry.of(connection)
    const support = requireSupport(provider)

    let { verification, answer } = await look(support, connection, delivery)
    const isQuestion = delivery.method === 'GET'
    if (answer === null && !verification.isValid && !(isQuestion && support.challenge === undefined)) {
      // The secret may have been replaced since the copy was made.
      connection = refuseGone(await copies.readFresh(scope, connectionId))
      ;({ verification, answer } = await look(support, connection, delivery))
    }
    if (answer !== null) return { status: 'challenge', signatureValid: verification.isValid, answer }
    // Whoever looks at the address with a browser is no reason to keep a row.
    if (!verification.isValid && isQuestion) {
      return { status: 'rejected', signatureValid: false, reason: verification.reason }
    }
    const event = storedForm(ids.next(), clock.now(), connection, support, delivery)
    if (!verification.isValid) return reject(event, connection, verification.reason)

    const stored = await webhookEvents.insertIfAbsent(event)
    const view = toWebhookEventView(stored.event)
    const status = stored.isNew ? 'accepted' : 'duplicate'
    const name = stored.isNew ? 'webhook.received' : 'webhook.duplicated'
    emitter.emit(name, { ...eventBase(connection, clock.now()), event: view })
    return { status, signatureValid: event.signatureValid, event: view }
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

/** What to answer to a request that only asks whether somebody is there. */
function challengeAnswer(
  support: WebhookSupport<ParsedWebhookEvent>,
  { headers, rawBody, method, url }: ReadDelivery,
  secrets: readonly string[],
  isSigned: boolean,
): Required<ChallengeAnswer> | null {
  const query = Object.fromEntries(url === null ? [] : new URL(url).searchParams)
  try {
    const answer = support.challenge?.({ headers, rawBody, method, query, secrets, isSigned }) ?? null
    if (answer === null) return null
    return {
      status: 200,
      contentType: 'text/plain; charset=utf-8',
      ...(typeof answer === 'string' ? { body: answer } : answer),
    }
  } catch {
    // A delivery like any other, then.
    return null
  }
}

function storedForm<T extends TenantId>(
  id: string,
  at: Date,
  connection: Connection<T>,
  support: WebhookSupport<ParsedWebhookEvent>,
  { headers, rawBody }: SignedDelivery,
): WebhookEvent<T> {
  const payload = parseJsonBody(rawBody)
  const safeHeaders = createRedactor([]).headers(withoutToken(support.signature, headers))
  return {
    id,
    tenantId: connection.tenantId,
    connectionId: connection.id,
    provider: connection.providerName,
    eventType: eventType(support, headers, payload),
    idempotencyKey: idempotencyKey(deliveryId(support, headers, payload), rawBody),
    rawBody,
    payload: payload === undefined || !isStorableJson(payload) ? null : payload,
    headers: Object.fromEntries(
      Object.entries(safeHeaders).map(([name, value]) => [
        storableText(name, maxHeaderLength),
        storableText(value, maxHeaderLength),
      ]),
    ),
    signatureValid: support.signature.kind !== 'unsigned',
    status: 'received',
    attempts: 0,
    deliveries: 1,
    availableAt: at,
    claimExpiresAt: null,
    processedAt: null,
    error: null,
    createdAt: at,
  }
}

/** The provider's id of a delivery, if it has one. */
function deliveryId(
  { deliveryId: source, signature }: WebhookSupport<ParsedWebhookEvent>,
  headers: WebhookDelivery['headers'],
  payload: Json | undefined,
): { readonly value: string; readonly isSigned: boolean } | null {
  if (source === null) return null
  if ('header' in source) {
    const value = headers[source.header]
    return value === undefined || value === '' ? null : { value, isSigned: source.isSigned }
  }
  if (typeof payload !== 'object' || payload === null || !Object.hasOwn(payload, source.body)) return null
  const value = (payload as JsonObject)[source.body]
  // Large numbers come out of the parser rounded: different ids would become one.
  const isId = typeof value === 'string' ? value !== '' : Number.isSafeInteger(value)
  return isId ? { value: String(value), isSigned: coversBody(signature) } : null
}

/** A token proves who has it, so that it must not be stored, not even a wrong one: it may be another connection's. */
function withoutToken(
  signature: SignatureScheme,
  headers: WebhookDelivery['headers'],
): Readonly<Record<string, string>> {
  if (signature.kind !== 'token' || !(signature.header in headers)) return headers
  return { ...headers, [signature.header]: redacted }
}

/** A genuine delivery is kept, whatever the provider's code makes of it. */
function eventType(
  support: WebhookSupport<ParsedWebhookEvent>,
  headers: WebhookDelivery['headers'],
  payload: Json | undefined,
): string {
  try {
    return storableText(support.eventType(headers, payload), maxTypeLength)
  } catch {
    return 'unknown'
  }
}
