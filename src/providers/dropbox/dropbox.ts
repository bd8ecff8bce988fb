import { defineDropbox } from './define-dropbox.ts'

export { type ContentHash, contentHash, createContentHash } from './content-hash.ts'
export type { DropboxAccount } from './dropbox-account.ts'
export type { DropboxEvent } from './dropbox-webhooks.ts'

/**
 * Dropbox accounts, by API v2: https://www.dropbox.com/developers/documentation/http/documentation
 *
 * Resource: `files`, what happened below a folder since the last run, deletions included.
 */
export const dropbox = defineDropbox({
  web: 'https://www.dropbox.com',
  api: 'https://api.dropboxapi.com',
  content: 'https://content.dropboxapi.com',
})
