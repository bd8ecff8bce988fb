import { z } from 'zod'
import type { JsonObject } from '../../core/domain/json.ts'
import type { GitHubAccount } from './github-account.ts'
import { accountSchema } from './github-account.ts'

/** A pull request of a repository. */
export interface GitHubPull {
  /** Unique across GitHub; not the id of the issue of the same number. */
  readonly id: number
  /** Unique within the repository, shared with issues. */
  readonly number: number
  readonly title: string
  readonly body: string | null
  readonly state: 'open' | 'closed'
  readonly isDraft: boolean
  /** `null` if the account is gone. */
  readonly author: GitHubAccount | null
  /** Branch to be merged. */
  readonly head: string
  /** Branch to merge into. */
  readonly base: string
  /** For people. */
  readonly url: string
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly closedAt: Date | null
  readonly mergedAt: Date | null
  /** All that GitHub said, by its own names. */
  readonly raw: JsonObject
}

/** https://docs.github.com/en/rest/pulls/pulls#list-pull-requests */
export const pullSchema = z
  .looseObject({
    id: z.int(),
    number: z.int(),
    title: z.string(),
    body: z.string().nullish(),
    state: z.enum(['open', 'closed']),
    draft: z.boolean().optional(),
    user: accountSchema.loose().nullish(),
    head: z.looseObject({ ref: z.string() }),
    base: z.looseObject({ ref: z.string() }),
    html_url: z.string(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
    closed_at: z.iso.datetime().nullish(),
    merged_at: z.iso.datetime().nullish(),
  })
  .transform(
    (raw): GitHubPull => ({
      id: raw.id,
      number: raw.number,
      title: raw.title,
      body: raw.body ?? null,
      state: raw.state,
      isDraft: raw.draft ?? false,
      author: raw.user == null ? null : { id: raw.user.id, login: raw.user.login },
      head: raw.head.ref,
      base: raw.base.ref,
      url: raw.html_url,
      createdAt: new Date(raw.created_at),
      updatedAt: new Date(raw.updated_at),
      closedAt: raw.closed_at == null ? null : new Date(raw.closed_at),
      mergedAt: raw.merged_at == null ? null : new Date(raw.merged_at),
      // The fields come from JSON.parse, so they are JSON.
      raw: raw as unknown as JsonObject,
    }),
  )
