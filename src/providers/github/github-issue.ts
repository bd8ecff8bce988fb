import { z } from 'zod'
import type { JsonObject } from '../../core/domain/json.ts'
import type { GitHubAccount } from './github-account.ts'
import { accountSchema } from './github-account.ts'

/** An issue of a repository. */
export interface GitHubIssue {
  /** Unique across GitHub. */
  readonly id: number
  /** Unique within the repository. */
  readonly number: number
  readonly title: string
  readonly body: string | null
  readonly state: 'open' | 'closed'
  /** `null` if the account is gone. */
  readonly author: GitHubAccount | null
  /** Names. */
  readonly labels: readonly string[]
  readonly commentCount: number
  /** GitHub lists pull requests among the issues. */
  readonly isPullRequest: boolean
  /** For people. */
  readonly url: string
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly closedAt: Date | null
  /** All that GitHub said, by its own names. */
  readonly raw: JsonObject
}

/** https://docs.github.com/en/rest/issues/issues#list-repository-issues */
export const issueSchema = z
  .looseObject({
    id: z.int(),
    number: z.int(),
    title: z.string(),
    body: z.string().nullish(),
    state: z.enum(['open', 'closed']),
    user: accountSchema.loose().nullish(),
    // A label is an object, or a mere name in some old answers.
    labels: z.array(z.union([z.string(), z.looseObject({ name: z.string().nullish() })])).optional(),
    comments: z.int().optional(),
    pull_request: z.unknown().optional(),
    html_url: z.string(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
    closed_at: z.iso.datetime().nullish(),
  })
  .transform(
    (raw): GitHubIssue => ({
      id: raw.id,
      number: raw.number,
      title: raw.title,
      body: raw.body ?? null,
      state: raw.state,
      author: raw.user == null ? null : { id: raw.user.id, login: raw.user.login },
      labels: (raw.labels ?? []).map((label) => (typeof label === 'string' ? label : (label.name ?? ''))),
      commentCount: raw.comments ?? 0,
      isPullRequest: raw.pull_request != null,
      url: raw.html_url,
      createdAt: new Date(raw.created_at),
      updatedAt: new Date(raw.updated_at),
      closedAt: raw.closed_at == null ? null : new Date(raw.closed_at),
      // The fields come from JSON.parse, so they are JSON.
      raw: raw as unknown as JsonObject,
    }),
  )
