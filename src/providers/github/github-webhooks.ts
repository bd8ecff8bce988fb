import { z } from 'zod'
import { ConnectorsError } from '../../core/domain/errors.ts'
import type { Json } from '../../core/domain/json.ts'
import type { WebhookDelivery, WebhookSupport } from '../../core/domain/provider.ts'
import { parseJsonBody } from '../../core/domain/webhook-delivery.ts'
import { signatures } from '../kit/signatures.ts'
import { accountSchema } from './github-account.ts'
import type { GitHubEventType } from './github-event-types.ts'

// What deliveries have in common: https://docs.github.com/en/webhooks/webhook-events-and-payloads
// Every part may be absent: `security_advisory` has no sender, `push` no action, `projects_v2_item` no repository.
const basicsSchema = z.object({
  action: z.string().nullish(),
  repository: z.object({ id: z.int(), full_name: z.string() }).nullish(),
  organization: accountSchema.nullish(),
  sender: accountSchema.nullish(),
  installation: z.object({ id: z.int() }).nullish(),
  issue: z.object({ id: z.int(), number: z.int(), title: z.string(), html_url: z.string() }).nullish(),
  pull_request: z.object({ id: z.int(), number: z.int(), title: z.string(), html_url: z.string() }).nullish(),
})

const owned = z.object({ id: z.int() })
const ownersSchema = z.object({
  installation: z.object({ id: z.int(), account: owned.nullish() }).nullish(),
  organization: owned.nullish(),
  repository: z.object({ owner: owned.nullish() }).nullish(),
})

/** An issue or pull request, as far as every delivery about one tells. */
export interface GitHubSubject {
  readonly id: number
  readonly number: number
  readonly title: string
  /** For people. */
  readonly url: string
}

/** A delivery of GitHub, read. */
export interface GitHubEvent {
  /**
   * `<event>.<action>`, e.g. `issues.opened`; the event alone where there is no action, e.g. `push`. Handlers of a group
   * (`issues.*`) and of `*` are also given types that GitHub came up with later: give a `switch` a `default`.
   */
  readonly type: GitHubEventType
  readonly action: string | null
  readonly repository: { readonly id: number; readonly fullName: string } | null
  readonly organization: { readonly id: number; readonly login: string } | null
  /** Who caused it. */
  readonly sender: { readonly id: number; readonly login: string } | null
  /** Id of the GitHub App installation that the delivery is for. */
  readonly installationId: number | null
  readonly issue: GitHubSubject | null
  readonly pullRequest: GitHubSubject | null
  /** The whole payload, by GitHub's own names. */
  readonly payload: Json
}

/**
 * Webhooks of repositories, organizations and apps.
 *
 * Signed as https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries says. The signature covers
 * the body only, so the delivery id in `x-github-delivery` could be made up by whoever captured a delivery.
 */
export const githubWebhooks: WebhookSupport<GitHubEvent> = {
  signature: signatures.github,
  deliveryId: { header: 'x-github-delivery', isSigned: false },
  eventType(headers, payload) {
    const action = typeof payload === 'object' && payload !== null && 'action' in payload ? payload.action : null
    return typeName(headers, typeof action === 'string' ? action : null)
  },
  /** Issues and pull requests, which share their numbers within a repository. */
  orderKey(_headers, payload) {
    const basics = basicsSchema.safeParse(payload)
    const { repository, issue, pull_request } = basics.success ? basics.data : {}
    const subject = issue ?? pull_request
    return repository == null || subject == null ? null : `${repository.id}#${subject.number}`
  },
  /**
   * `installation:<id>` of the GitHub App, and the ids of the users and organizations that own what the delivery is about:
   * users and organizations share one sequence of ids, installations have another. Never the sender, who may be anybody.
   */
  accounts({ rawBody }) {
    const parsed = ownersSchema.safeParse(parseJsonBody(rawBody))
    if (!parsed.success) return []
    const { installation, organization, repository } = parsed.data
    const owners = [repository?.owner?.id, organization?.id, installation?.account?.id].filter((id) => id != null)
    return [...(installation == null ? [] : [`installation:${installation.id}`]), ...owners.map(String)]
  },
  parse({ headers, rawBody }: WebhookDelivery): GitHubEvent {
    const payload = parseJson(headers, rawBody)
    const basics = basicsSchema.safeParse(payload)
    if (!basics.success) {
      const [issue] = basics.error.issues
      throw new ConnectorsError(
        'PROVIDER_FAILED',
        `The GitHub delivery is JSON, but not a documented payload: ${issue?.path.map(String).join('.') || 'the body'}: ${issue?.message ?? 'invalid'}.`,
      )
    }
    const { action, repository, organization, sender, installation, issue, pull_request } = basics.data
    return {
      // May be newer than the list. Were the type to say so, every misspelled one would be welcome to a handler.
      type: typeName(headers, action ?? null) as GitHubEventType,
      action: action ?? null,
      repository: repository == null ? null : { id: repository.id, fullName: repository.full_name },
      organization: organization ?? null,
      sender: sender ?? null,
      installationId: installation?.id ?? null,
      issue: toSubject(issue),
      pullRequest: toSubject(pull_request),
      payload,
    }
  },
}

function typeName(headers: Readonly<Record<string, string>>, action: string | null): string {
  const event = headers['x-github-event']?.trim() || 'unknown'
  return action === null || action === '' ? event : `${event}.${action}`
}

function toSubject(
  subject:
    | { readonly id: number; readonly number: number; readonly title: string; readonly html_url: string }
    | null
    | undefined,
): GitHubSubject | null {
  if (subject == null) return null
  return { id: subject.id, number: subject.number, title: subject.title, url: subject.html_url }
}

function parseJson(headers: Readonly<Record<string, string>>, rawBody: Uint8Array): Json {
  try {
    // JSON.parse makes nothing but JSON.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(rawBody)) as Json
  } catch {
    const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true
    throw new ConnectorsError(
      'PROVIDER_FAILED',
      isForm
        ? 'The GitHub delivery is form-encoded. Set the content type of the webhook to application/json at GitHub.'
        : `The GitHub delivery is not JSON (${rawBody.byteLength} bytes).`,
    )
  }
}
