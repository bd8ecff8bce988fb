import { z } from 'zod'
import { field } from '../../core/domain/field.ts'

const token = z.string().regex(/^[\x21-\x7e]+$/, 'must be a token without spaces')

/** What the consent page led to, or a token of the App Console. */
export const dropboxCredentials = z.strictObject({
  accessToken: field(token, {
    label: 'Access token',
    help: 'Of the App Console, for a try: it ends after four hours. Connect the account on the consent page instead.',
    placeholder: 'sl.…',
    secret: true,
  }),
  refreshToken: field(token.optional(), {
    label: 'Refresh token',
    help: 'Comes with the consent page.',
    secret: true,
  }),
  expiresAt: field(z.iso.datetime().optional(), {
    label: 'Expires',
    help: 'Comes with the consent page.',
    secret: false,
  }),
})

/** What the consent page led to, or a token of the App Console. */
export type DropboxCredentials = z.output<typeof dropboxCredentials>
