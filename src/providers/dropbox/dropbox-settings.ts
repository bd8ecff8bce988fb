import { z } from 'zod'
import { field } from '../../core/domain/field.ts'

/** What a tenant says about its Dropbox. */
export const dropboxSettings = z.strictObject({
  folder: field(
    z
      .string()
      .regex(/^(\/[^\0]*)?$/, 'must begin with a slash')
      .transform((path) => path.replace(/\/+$/, ''))
      .default(''),
    {
      label: 'Folder',
      help: 'Only what lies below it is synced. Default: everything that the app may see.',
      placeholder: '/Invoices',
    },
  ),
})

/** What a tenant says about its Dropbox, parsed. */
export type DropboxSettings = z.output<typeof dropboxSettings>
