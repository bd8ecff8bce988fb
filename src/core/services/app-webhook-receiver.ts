import type { Connection } from '../domain/connection.ts'
import { ConnectorsError } from '../domain/errors.ts'
import { eventBase } from '../domain/event-base.ts'
import type { WebhookDelivery } from '../domain/provider.ts'
import { verifySignature } from '../domain/signature.ts'
import { operatorScope, type TenantId } from '../domain/tenant.ts'
import { toWebhookEventView, type WebhookEvent } from '../domain/webhook-event.ts'
import type { AppReceiveResult, IncomingDelivery, ReceivedForAccount } from '../domain/webhook-outcome.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConnectionRepository } from '../ports/connection-repository.ts'
import type { Ids } from '../ports/randomness.ts'
import type { WebhookEventRepository } from '../ports/webhook-event-repository.ts'
import { challengeAnswer } from './challenge-answer.ts'
import type { Emitter } from './emitter.ts'
import { readDelivery } from './read-delivery.ts'
import { piecesOf, toStoredPieces } from './stored-events.ts'
import type { FindWebhookApp, WebhookApp } from './webhook-apps.ts'

/** Connections that are read, and written for, at a time. */
const pageSize = 25

/** Verifies a delivery of an app by the app's own secrets, and stores it for every connection with an account it is about. */
export type ReceiveAppWebhook<T extends TenantId> = (
  providerName: string,
  delivery: IncomingDelivery,
) => Promise<AppReceiveResult<T>>

/** Makes the receiver. */
export function createAppWebhookReceiver<T extends TenantId>({
  findApp,
  connections,
  webhookEvents,
  emitter,
  clock,
  ids,
  options,
}: {
  readonly findApp: FindWebhookApp
  readonly connections: Pick<ConnectionRepository<T>, 'list'>
  readonly webhookEvents: Pick<WebhookEventRepository<T>, 'insertIfAbsent'>
  readonly emitter: Pick<Emitter<T>, 'emit'>
  readonly clock: Clock
  readonly ids: Ids
  readonly options: Pick<ResolvedOptions, 'webhooks'>
}): ReceiveAppWebhook<T> {
  const store = async (event: WebhookEvent<T>, connection: Connection<T>): Promise<ReceivedForAccount<T>> => {
    const { isNew, event: stored } = await webhookEvents.insertIfAbsent(event)
    const name = isNew ? 'webhook.received' : 'webhook.duplicated'
    emitter.emit(name, { ...eventBase(connection, clock.now()), event: toWebhookEventView(stored) })
    return { isNew, eventId: stored.id, tenantId: connection.tenantId, connectionId: connection.id }
  }

  /** The rows of the pieces that are about the connection's account, in their order. */
  const storeFor = async (
    connection: Connection<T>,
    app: WebhookApp,
    delivery: WebhookDelivery,
    indexes: readonly number[],
  ) => {
    const { keepOrder: keepsOrder } = options.webhooks
    const { support } = app
    const toStore = { connection, support, delivery, at: clock.now(), nextId: () => ids.next(), keepsOrder }
    const stored: ReceivedForAccount<T>[] = []
    for (const event of toStoredPieces(toStore, indexes)) {
      // Ids say what came first, and another delivery of the same may have brought the one before this only now.
      stored.push(await store({ ...event, id: ids.next() }, connection))
    }
    return stored
  }

  const storeForAccount = async (
    app: WebhookApp,
    delivery: WebhookDelivery,
    account: string,
    indexes: readonly number[],
  ) => {
    const { family, name: provider } = app.provider
    const filter = { family, provider, externalAccountId: account }
    const stored: ReceivedForAccount<T>[] = []
    for (let after: string | null = null; ; ) {
      const page = await connections.list({ scope: operatorScope, filter, after, limit: pageSize })
      const outcomes = await Promise.allSettled(page.items.map((row) => storeFor(row, app, delivery, indexes)))
      for (const outcome of outcomes) {
        // What is stored stays: when the delivery comes again, only the rest is missing.
        if (outcome.status === 'rejected') throw outcome.reason
        stored.push(...outcome.value)
      }
      if (page.next === null) return stored
      after = page.next
    }
  }

  return async (providerName, incoming) => {
    const { method, ...delivery } = await readDelivery(incoming, options.webhooks)
    const app = findApp(providerName)
    if (app === null) {
      throw new ConnectorsError(
        'WEBHOOKS_UNSUPPORTED',
        `No app is configured for ${JSON.stringify(providerName)}: add webhooks: { apps: { [name]: { secrets } } } to the options of createConnectors.`,
      )
    }
    const at = clock.now()
    const { secrets, support } = app
    const verification =
      method === 'GET'
        ? ({ isValid: false, reason: 'a GET is no delivery' } as const)
        : verifySignature(support.signature, { ...delivery, secrets, now: at })
    const answer = challengeAnswer(support, { method, ...delivery }, { secrets, isSigned: verification.isValid })
    if (answer !== null) return { status: 'challenge', signatureValid: verification.isValid, answer }
    const base = { at, provider: { family: app.provider.family, name: app.provider.name } }
    if (!verification.isValid) {
      const { reason } = verification
      if (method === 'POST') emitter.emit('webhook.appRejected', { ...base, reason })
      return { status: 'rejected', signatureValid: false, reason }
    }

    const pieces = piecesByAccount(app, delivery)
    const stored: ReceivedForAccount<T>[] = []
    for (const [account, indexes] of pieces) stored.push(...(await storeForAccount(app, delivery, account, indexes)))
    const accounts = [...pieces.keys()]
    if (stored.length === 0) {
      emitter.emit('webhook.appUnmatched', { ...base, accounts })
      return { status: 'unmatched', signatureValid: true, accounts }
    }
    const status = stored.some(({ isNew }) => isNew) ? 'accepted' : 'duplicate'
    return { status, signatureValid: true, accounts, events: stored }
  }
}

/** Which of the events in a delivery are about which account, by their places in it. */
function piecesByAccount({ support, accounts }: WebhookApp, { headers, rawBody }: WebhookDelivery) {
  const pieces = piecesOf(support, { headers, rawBody })
  const byAccount = new Map<string, number[]>()
  for (const [index, piece] of (pieces.length === 0 ? [rawBody] : pieces).entries()) {
    for (const account of named(accounts, { headers, rawBody: piece })) {
      byAccount.set(account, [...(byAccount.get(account) ?? []), index])
    }
  }
  return byAccount
}

/** A genuine delivery is for nobody, if the provider's code can't tell whom it is for. */
function named(accounts: WebhookApp['accounts'], delivery: WebhookDelivery): ReadonlySet<string> {
  try {
    const found: readonly unknown[] = accounts(delivery)
    return new Set(found.filter((account) => typeof account === 'string' && account !== '') as string[])
  } catch {
    return new Set()
  }
}
