import type { Json, JsonObject } from '../../core/domain/json.ts'
import type { HttpResponse } from '../../core/ports/http-transport.ts'
import type { OAuthApp, OAuthExchange } from '../../core/ports/oauth-client.ts'

/** What oauth4webapi asks to be sent. */
interface FetchOptions {
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: URLSearchParams | undefined
}

type Fetch = (url: string, options: FetchOptions) => Promise<Response>

/** Sends by the transport, and hands on status and body. */
export function toFetch(exchange: OAuthExchange): Fetch {
  const send = toSend(exchange)
  return async (url, options) => {
    const { status, body } = await send(url, options)
    return toResponse(status, Buffer.from(body).toString())
  }
}

/** In seconds, a hundred years: what ends later doesn't end, and not every database could say when. */
const longestLifetime = 100 * 365 * 24 * 3_600

/**
 * Sends token requests, and hands on what the answer means in the words of RFC 6749. What comes with tokens and can't be
 * understood is left out: a refresh token that was spent for them doesn't come back.
 *
 * @param takesIdToken - whether an ID token is handed on; it is checked then, and one that isn't good spoils the answer.
 */
export function createTokenFetch(
  app: OAuthApp,
  exchange: OAuthExchange,
  takesIdToken: boolean,
): {
  readonly fetch: Fetch
  /** The last answer as it came. */
  readonly last: () => HttpResponse | null
} {
  const send = toSend(exchange)
  let last: HttpResponse | null = null
  return {
    fetch: async (url, options) => {
      last = await send(url, options)
      const text = Buffer.from(last.body).toString()
      const said = parse(text)
      if (said === null) return toResponse(last.status, text)
      const answer = inStandardWords(app, said, takesIdToken)
      const isError = typeof answer.error === 'string' && answer.error !== '' && answer.access_token === undefined
      const isGood = last.status >= 200 && last.status < 300
      return toResponse(isGood ? (isError ? 400 : 200) : last.status, JSON.stringify(answer))
    },
    last: () => last,
  }
}

function toSend({ send, timeoutMs, signal }: OAuthExchange) {
  return (url: string, { method, headers, body }: FetchOptions): Promise<HttpResponse> =>
    send({ method, url, headers, body: body === undefined ? null : body.toString(), timeoutMs, signal })
}

function inStandardWords({ quirks, server }: OAuthApp, said: JsonObject, takesIdToken: boolean): JsonObject {
  const rewritten = quirks.rewrite === undefined ? said : quirks.rewrite(said)
  const members = Object.entries(rewritten).filter(([, value]) => value !== null && value !== '')
  const { scope, id_token, expires_in, ...rest } = Object.fromEntries<Json>(members)
  const lifetime = typeof expires_in === 'string' ? Number(expires_in) : expires_in
  const isLifetime = typeof lifetime === 'number' && lifetime > 0 && lifetime <= longestLifetime
  return {
    ...(quirks.lacksTokenType === true && { token_type: 'bearer' }),
    ...rest,
    // Zero is how some say that a token doesn't end.
    ...(isLifetime && { expires_in: lifetime }),
    ...(scope !== undefined && { scope: Array.isArray(scope) ? scope.join(' ') : scope }),
    // Whose it is can't be checked where the issuer isn't known.
    ...(takesIdToken && id_token !== undefined && server.issuer !== undefined && { id_token }),
  }
}

/** JSON, or the form that some still answer; `null` for anything else. */
function parse(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
  } catch {
    const form = Object.fromEntries(new URLSearchParams(text))
    return 'access_token' in form || 'error' in form ? form : null
  }
}

function toResponse(status: number, body: string): Response {
  const headers = { 'content-type': 'application/json' }
  // A Response can't have a status below 200, nor a body with some.
  if (status < 200 || [204, 205, 304].includes(status)) return new Response(null, { status: 502, headers })
  return new Response(body, { status, headers })
}
