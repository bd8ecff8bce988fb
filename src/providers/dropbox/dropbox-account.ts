import { z } from 'zod'

/** An account of Dropbox's. */
export interface DropboxAccount {
  /** `dbid:…`: what webhooks name it by. */
  readonly id: string
  readonly email: string
  readonly name: string
}

/** Reads https://www.dropbox.com/developers/documentation/http/documentation#users-get_current_account */
export const accountSchema = z
  .object({ account_id: z.string().min(1), email: z.string(), name: z.object({ display_name: z.string() }) })
  .transform(({ account_id, email, name }): DropboxAccount => ({ id: account_id, email, name: name.display_name }))
