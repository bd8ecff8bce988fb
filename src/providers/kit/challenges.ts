import type { ChallengeAnswer, ChallengeRequest } from '../../core/domain/provider.ts'
import { isOneOfTokens } from '../../core/domain/signature-token.ts'
import { parseJsonBody } from '../../core/domain/webhook-delivery.ts'

type Challenge = (request: ChallengeRequest) => string | ChallengeAnswer | null

/**
 * How well-known services ask whether somebody is there, for `webhooks.challenge` of a provider.
 *
 * @example
 * webhooks: { signature: signatures.slack, challenge: challenges.slack, … }
 */
export const challenges = {
  /** A signed `url_verification`, whose `challenge` is sent back: https://docs.slack.dev/reference/events/url_verification */
  slack: (({ isSigned, ...delivery }) => {
    const { type, challenge } = membersOf(delivery)
    return isSigned && type === 'url_verification' && typeof challenge === 'string' ? challenge : null
  }) satisfies Challenge,

  /**
   * A signed ping: type 0 of webhook events, https://docs.discord.com/developers/events/webhook-events, type 1 of interactions,
   * https://docs.discord.com/developers/interactions/receiving-and-responding. Badly signed ones come too, and want 401.
   */
  discord: (({ isSigned, ...delivery }) => {
    const { type, event } = membersOf(delivery)
    if (!isSigned || event !== undefined) return null
    if (type === 0) return { status: 204, body: '' }
    return type === 1 ? { contentType: 'application/json', body: '{"type":1}' } : null
  }) satisfies Challenge,

  /** A GET with `challenge`, which is sent back: https://www.dropbox.com/developers/reference/webhooks */
  dropbox: (({ method, query }) => (method === 'GET' ? (query.challenge ?? null) : null)) satisfies Challenge,

  /**
   * Facebook, Instagram, WhatsApp: a GET with `hub.challenge`, and the verify token that was entered beside the URL:
   * https://developers.facebook.com/docs/graph-api/webhooks/getting-started
   */
  meta(verifyToken: string): Challenge {
    return ({ method, query }) => {
      const { 'hub.mode': mode, 'hub.verify_token': token = '', 'hub.challenge': challenge } = query
      const isAsked = method === 'GET' && mode === 'subscribe' && challenge !== undefined
      return isAsked && verifyToken !== '' && isOneOfTokens(token, [verifyToken]) ? challenge : null
    }
  },
}

/** The members of a JSON object; none of anything else. */
function membersOf({
  method,
  rawBody,
}: Pick<ChallengeRequest, 'method' | 'rawBody'>): Readonly<Record<string, unknown>> {
  const payload = method === 'POST' ? parseJsonBody(rawBody) : null
  return { ...(typeof payload === 'object' && !Array.isArray(payload) ? payload : null) }
}
