import type { ChallengeAnswer, ParsedWebhookEvent, WebhookSupport } from '../domain/provider.ts'
import type { ReadDelivery } from './read-delivery.ts'

/** What to answer to a request that only asks whether somebody is there; `null` for all others. */
export function challengeAnswer(
  support: WebhookSupport<ParsedWebhookEvent>,
  { headers, rawBody, method, url }: ReadDelivery,
  { secrets, isSigned }: { readonly secrets: readonly string[]; readonly isSigned: boolean },
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
