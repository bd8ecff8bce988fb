import { z } from 'zod'
import type { JsonObject } from '../../core/domain/json.ts'

/** A repository as GitHub lists it. */
export interface GitHubRepository {
  readonly id: number
  /** `owner/name`. */
  readonly fullName: string
  readonly isPrivate: boolean
  readonly isArchived: boolean
  readonly defaultBranch: string | null
  /** For people. */
  readonly url: string
  readonly updatedAt: Date | null
  /** All that GitHub said, by its own names. */
  readonly raw: JsonObject
}

/** https://docs.github.com/en/rest/repos/repos#list-repositories-for-the-authenticated-user */
export const repositorySchema = z
  .looseObject({
    id: z.int(),
    full_name: z.string(),
    private: z.boolean(),
    archived: z.boolean().optional(),
    default_branch: z.string().nullish(),
    html_url: z.string(),
    updated_at: z.iso.datetime().nullish(),
  })
  .transform(
    (raw): GitHubRepository => ({
      id: raw.id,
      fullName: raw.full_name,
      isPrivate: raw.private,
      isArchived: raw.archived ?? false,
      defaultBranch: raw.default_branch ?? null,
      url: raw.html_url,
      updatedAt: raw.updated_at == null ? null : new Date(raw.updated_at),
      // The fields come from JSON.parse, so they are JSON.
      raw: raw as unknown as JsonObject,
    }),
  )
