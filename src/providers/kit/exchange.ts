import { ConnectorsError, ProviderRejectedError, ProviderUnavailableError } from '../../core/domain/errors.ts'
import type { AdapterContext, AdapterRequest } from '../../core/domain/provider.ts'
import type { HttpResponse } from '../../core/ports/http-transport.ts'
import type { AuthStrategy, Proof, SignableRequest } from './auth-strategy.ts'
import { type HttpAnswer, toHttpAnswer } from './http-answer.ts'
import type { RateLimitHeaders } from './rate-limit-headers.ts'
import { lowerCase } from './request-body.ts'
import { withoutSecrets } from './request-url.ts'
import { shortMessage, shortText } from './short-message.ts'
import { type FailedAnswer, type StatusRules, statusError, statusVerdict } from './status-error.ts'

const maxRedirects = 5
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** All that may go to another origin: everything else might be meant for the provider alone. */
const harmless: ReadonlySet<string> = new Set(['accept', 'accept-language', 'user-agent', 'range'])

/** What an exchange needs to know about the connection. */
export interface ExchangeParts {
  readonly context: Pick<AdapterContext<unknown, unknown>, 'send' | 'now' | 'wait'>
  readonly base: URL
  readonly auth: AuthStrategy
  /** Takes secrets out of a text. */
  readonly redact: (text: string) => string
  readonly errors: StatusRules
  readonly rateLimitHeaders: RateLimitHeaders | undefined
}

/**
 * One attempt: signs, sends, follows redirects, and says what the answer means. A read may be led to another origin; it
 * goes there without proof of identity and never comes back to it.
 */
export async function exchange(request: AdapterRequest, parts: ExchangeParts): Promise<HttpAnswer> {
  const { context, base, auth, redact, errors, rateLimitHeaders } = parts
  let { method, body, headers } = request
  let url = new URL(request.url)
  let isOurs = true
  for (let hop = 0; ; hop += 1) {
    const asked = { method, url: url.href, headers, body, at: context.now(), signal: request.signal ?? null }
    const proof = isOurs ? await proofInTime(auth, asked, request, context) : {}
    const proofParameters = Object.keys(proof.query ?? {})
    const signed = new URL(url)
    for (const [name, value] of Object.entries(proof.query ?? {})) signed.searchParams.set(name, value)
    const response = await context.send({
      ...request,
      method,
      url: signed.href,
      headers: { ...headers, ...lowerCase(proof.headers) },
      body: proof.body ?? body,
    })
    const what = redact(`${method} ${isOurs ? '' : url.origin}${url.pathname}`)
    const { status } = response
    const { location } = response.headers
    if (!redirects.has(status) || location === undefined) {
      const rules = isOurs ? errors : strangerRules
      const failed = failedAnswer(response, rules, context.now())
      const verdict = statusVerdict(failed, rules, isOurs ? rateLimitHeaders : undefined)
      if (verdict === undefined) return toHttpAnswer(what, url.href, response, proofParameters)
      const said = shortMessage(failed.text, failed.headers['content-type'], redact)
      const detail = verdict.detail === undefined ? '' : ` (${shortText(verdict.detail, redact)})`
      const where = isOurs ? '' : `, asked without credentials because ${base.origin} redirects there`
      throw statusError(
        verdict,
        status,
        `${what} answered ${status}${where}${said === '' ? '.' : `: ${said}`}${detail}`,
      )
    }
    if (hop === maxRedirects) {
      throw new ProviderRejectedError(`${what} redirects more than ${maxRedirects} times.`, { status })
    }
    const isRead = method === 'GET' || method === 'HEAD'
    if (status === 303 && !isRead) {
      method = 'GET'
      body = null
      const { 'content-type': _type, ...rest } = headers
      headers = rest
    } else if (!isRead && status < 307) {
      // Browsers turn such a POST into a GET: the caller would take a listing for the thing it made.
      throw new ProviderRejectedError(
        `${what} answered ${status}: the address has moved, and a ${method} is not repeated elsewhere on a ${status}.`,
        { status },
      )
    }
    const from = url
    if (!URL.canParse(location, from.href)) {
      throw new ConnectorsError('EGRESS_REFUSED', `${what} redirects to an invalid address.`)
    }
    url = withoutSecrets(new URL(location, from))
    // The provider may repeat what it was asked with.
    for (const name of proofParameters) url.searchParams.delete(name)
    if (url.origin !== base.origin && isOurs) {
      if (method !== 'GET' && method !== 'HEAD') {
        throw new ConnectorsError(
          'EGRESS_REFUSED',
          `${what} redirects to ${url.origin}, but this connection only writes to ${base.origin}.`,
        )
      }
      isOurs = false
      body = null
      headers = Object.fromEntries(Object.entries(headers).filter(([name]) => harmless.has(name)))
    }
  }
}

/** What a signer answers, unless it takes longer than the request may, or the request is called off. */
async function proofInTime(
  auth: AuthStrategy,
  asked: SignableRequest,
  { method, deadlineAt, signal }: AdapterRequest,
  { wait, now }: ExchangeParts['context'],
): Promise<Proof> {
  const proof = auth.sign(asked)
  if (!('then' in proof) || deadlineAt === undefined) return proof
  const stop = new AbortController()
  const abort = () => stop.abort()
  if (signal?.aborted === true) abort()
  signal?.addEventListener('abort', abort, { once: true })
  const late = wait(Math.max(0, deadlineAt.getTime() - now().getTime()), stop.signal).then(() => {
    throw new ProviderUnavailableError(`${method} ${new URL(asked.url).pathname}: its signer did not answer in time.`)
  })
  try {
    return await Promise.race([proof, late])
  } finally {
    signal?.removeEventListener('abort', abort)
    stop.abort()
  }
}

// No credentials were sent, so it says nothing about them.
const strangerRules: StatusRules = { 401: 'rejected', 403: 'rejected', 407: 'rejected' }

function failedAnswer(response: HttpResponse, errors: StatusRules, now: Date): FailedAnswer {
  const isOfInterest = response.status >= 400 || errors[response.status] !== undefined
  const date = Date.parse(response.headers.date ?? '')
  return {
    status: response.status,
    headers: response.headers,
    text: isOfInterest ? new TextDecoder().decode(response.body) : '',
    at: Number.isNaN(date) ? now : new Date(date),
  }
}
