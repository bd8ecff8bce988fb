import { z } from 'zod'

/** A user, bot or organization, as GitHub mentions it. */
export interface GitHubAccount {
  readonly id: number
  readonly login: string
}

/** https://docs.github.com/en/rest/users/users (simple user); `null` for deleted accounts. */
export const accountSchema = z.object({ id: z.int(), login: z.string() })
