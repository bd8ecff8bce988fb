import type { Connectors } from '../core/connectors.ts'
import { isConnectorsError } from '../core/domain/errors.ts'
import type { AnyProvider } from '../core/domain/provider.ts'
import type { TenantId } from '../core/domain/tenant.ts'

/** Seconds after which a sender should try again when we could not store. */
const retryAfterSeconds = 30

/** What the handler needs to know. */
export interface WebhookHandlerOptions {
  /** It answers `POST {path}/:connectionId` and `POST {path}/:connectionId/:action`. */
  readonly path: string
  /** Told about what must not reach the sender: failures of the store, and of processing after the answer. */
  readonly report: (error: unknown, message: string) => void
}

/**
 * Answers deliveries: 200 once a delivery is stored (processing follows, from the row) and to a challenge, 401 for a bad signature and for an
 * unknown connection alike, 410 for a deleted one, 413 for a body that is too large, 500 if the body was read before, 503 with `Retry-After` when nothing
 * could be stored, 404 and 405 for what isn't a delivery.
 */
export function createWebhookHandler<T extends TenantId>(
  connectors: Pick<Connectors<AnyProvider, T>, 'operator'>,
  { path, report }: WebhookHandlerOptions,
): (request: Request) => Promise<Response> {
  const { webhooks } = connectors.operator

  const accept = async (connectionId: string, request: Request): Promise<Response> => {
    const result = await webhooks.receive(connectionId, request)
    if (result.status === 'rejected') return unauthorized()
    if (result.status === 'challenge') return answer(200, result.answer)
    if (result.status === 'accepted') {
      // The sender doesn't wait: a failure here is retried from the row.
      webhooks.process(result.event.id).catch((error: unknown) => {
        // Closed meanwhile: the row waits for the next process.
        if (!isConnectorsError(error, 'CLOSED')) report(error, 'a webhook could not be processed')
      })
    }
    return answer(200, result.status)
  }

  return async (request) => {
    const connectionId = connectionIdIn(new URL(request.url).pathname, path)
    if (connectionId === null) return answer(404, 'not found')
    if (request.method !== 'POST') return answer(405, 'method not allowed', { allow: 'POST' })
    try {
      return await accept(connectionId, request)
    } catch (error) {
      // Who can't sign learns nothing: not even that there is such a connection.
      if (isConnectorsError(error, 'CONNECTION_NOT_FOUND')) return unauthorized()
      if (isConnectorsError(error, 'WEBHOOKS_UNSUPPORTED')) return unauthorized()
      if (isConnectorsError(error, 'CONNECTION_DELETED')) return answer(410, 'gone')
      if (isConnectorsError(error, 'BODY_TOO_LARGE')) return answer(413, 'body too large')
      if (isConnectorsError(error, 'INVALID_INPUT')) {
        report(error, 'a webhook could not be read')
        return answer(500, 'internal error')
      }
      report(error, 'a webhook could not be stored; the sender was asked to try again')
      return answer(503, 'try again later', { 'retry-after': String(retryAfterSeconds) })
    }
  }
}

function connectionIdIn(pathname: string, path: string): string | null {
  if (!pathname.startsWith(`${path}/`)) return null
  const match = /^([\w.~-]{1,64})(?:\/[\w.-]+)?\/?$/.exec(pathname.slice(path.length + 1))
  return match?.[1] ?? null
}

function unauthorized(): Response {
  return answer(401, 'unauthorized')
}

function answer(status: number, text: string, headers: Record<string, string> = {}): Response {
  return new Response(`${text}\n`, { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers } })
}
