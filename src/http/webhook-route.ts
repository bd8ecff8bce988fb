import type { Connectors } from '../core/connectors.ts'
import { isConnectorsError } from '../core/domain/errors.ts'
import type { AnyProvider } from '../core/domain/provider.ts'
import type { TenantId } from '../core/domain/tenant.ts'
import { answer } from './answer.ts'
import type { Route } from './connectors-handler.ts'

/** Seconds after which a sender should try again when we could not store. */
const retryAfterSeconds = 30

/** What the route needs to know. */
export interface WebhookRouteOptions<T extends TenantId> {
  readonly path: string
  /** Begins to process what was stored; the answer doesn't wait for it. */
  readonly begin: (delivery: { readonly tenantId: T; readonly eventId: string }) => Promise<unknown>
  readonly report: (error: unknown, message: string) => void
}

/**
 * Answers deliveries. A delivery is 200 once it is stored (processing follows, from the row); `docs/webhooks.md` has the
 * table of all statuses.
 */
export function createWebhookRoute<T extends TenantId>(
  webhooks: Pick<Connectors<AnyProvider, T>['operator']['webhooks'], 'receive' | 'receiveForApp'>,
  { path, begin, report }: WebhookRouteOptions<T>,
): Route {
  const receive = async ({ kind, name }: Address, request: Request) => {
    if (kind === 'connection') {
      const result = await webhooks.receive(name, request)
      const events = 'events' in result ? result.events.filter(({ isNew }) => isNew) : []
      return { result, stored: events.map(({ event }) => ({ tenantId: event.tenantId, eventId: event.id })) }
    }
    const result = await webhooks.receiveForApp(name, request)
    return { result, stored: 'events' in result ? result.events.filter(({ isNew }) => isNew) : [] }
  }

  const accept = async (address: Address, request: Request): Promise<Response> => {
    const { result, stored } = await receive(address, request)
    if (result.status === 'rejected') return request.method === 'GET' ? notAllowed() : unauthorized()
    if (result.status === 'challenge') {
      const { status, contentType, body } = result.answer
      return new Response(body === '' ? null : body, {
        status,
        headers: { 'content-type': contentType, 'x-content-type-options': 'nosniff' },
      })
    }
    for (const delivery of stored) {
      // The sender doesn't wait: a failure here is retried from the row.
      begin(delivery).catch((error: unknown) => {
        // Closed meanwhile: the row waits for the next process.
        if (isConnectorsError(error, 'CLOSED')) return
        const isQueueAway = isConnectorsError(error, 'QUEUE_UNAVAILABLE')
        report(
          error,
          isQueueAway ? 'the queue is away; a tick will find the webhook' : 'a webhook could not be processed',
        )
      })
    }
    // Without a text: Slack and Twilio would show it to people.
    return answer(200, '')
  }

  return async (request) => {
    const address = addressIn(new URL(request.url).pathname, path)
    if (address === null) return null
    const isGet = request.method === 'GET'
    if (!isGet && request.method !== 'POST') return notAllowed()
    try {
      return await accept(address, request)
    } catch (error) {
      if (isConnectorsError(error, 'CONNECTION_DELETED')) return answer(410, 'gone')
      if (isConnectorsError(error, 'BODY_TOO_LARGE')) return answer(413, 'body too large')
      // Who can't sign learns nothing: not even that there is such a connection.
      if (isConnectorsError(error, 'CONNECTION_NOT_FOUND') || isConnectorsError(error, 'WEBHOOKS_UNSUPPORTED')) {
        return isGet ? notAllowed() : unauthorized()
      }
      if (isConnectorsError(error, 'INVALID_INPUT')) {
        report(error, 'a webhook could not be read')
        return answer(500, 'internal error')
      }
      report(error, 'a webhook could not be stored; the sender was asked to try again')
      return answer(503, 'try again later', { 'retry-after': String(retryAfterSeconds) })
    }
  }
}

/** What a request is addressed to: a connection, or the app of a provider. */
interface Address {
  readonly kind: 'connection' | 'app'
  readonly name: string
}

function addressIn(pathname: string, path: string): Address | null {
  if (!pathname.startsWith(`${path}/`)) return null
  const [, name = null, action] = /^([\w.~-]{1,64})(?:\/([\w.-]+))?\/?$/.exec(pathname.slice(path.length + 1)) ?? []
  if (name === null) return null
  return name === 'app' && action !== undefined ? { kind: 'app', name: action } : { kind: 'connection', name }
}

function unauthorized(): Response {
  return answer(401, 'unauthorized')
}

function notAllowed(): Response {
  return answer(405, 'method not allowed', { allow: 'POST' })
}
