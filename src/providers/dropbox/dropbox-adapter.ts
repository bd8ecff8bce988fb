import { ConnectorsError } from '../../core/domain/errors.ts'
import type { FetchedPage } from '../../core/domain/provider.ts'
import type {
  StorageChange,
  StorageEntry,
  StorageFile,
  StoragePageRequest,
  StorageUpload,
} from '../../families/storage/index.ts'
import type { AdapterParts } from '../kit/index.ts'
import { pageByToken } from '../kit/index.ts'
import { contentHash } from './content-hash.ts'
import { accountSchema, type DropboxAccount } from './dropbox-account.ts'
import { createDropboxApi } from './dropbox-api.ts'
import type { DropboxCredentials } from './dropbox-credentials.ts'
import { entrySchema, fileSchema } from './dropbox-entry.ts'
import type { DropboxSettings } from './dropbox-settings.ts'
import { fetchChanges, listingSchema } from './fetch-changes.ts'
import { readParts } from './read-parts.ts'

/** What one request may upload: https://www.dropbox.com/developers/documentation/http/documentation#files-upload */
const maxUploadLength = 150 * 1024 * 1024

/** The adapter of one account. */
export function createDropboxAdapter(
  { http, httpAt, settings }: AdapterParts<DropboxCredentials, DropboxSettings>,
  contentUrl: string,
) {
  const api = createDropboxApi(http, httpAt(contentUrl))
  const entryOf = (entry: string) =>
    api.read('files/get_metadata', { path: pathOf(entry), include_deleted: false }, entrySchema)
  const fileOf = async (file: string) => {
    const found = await entryOf(file)
    if (found.kind === 'file') return found
    throw new ConnectorsError('INVALID_INPUT', 'This is a folder. Only files can be downloaded.')
  }

  return {
    /** Whose token it is. */
    async getAccount(): Promise<DropboxAccount> {
      return api.read('users/get_current_account', null, accountSchema)
    },

    /** What happened below the folder of the settings since the cursor; from the beginning: all that is there. */
    async getChanges({
      cursor = null,
      signal = never(),
    }: StoragePageRequest = {}): Promise<FetchedPage<StorageChange>> {
      return fetchChanges(api, settings.folder, { cursor, signal })
    },

    /** What lies in a folder, not deeper; `/` is the top. */
    async listFolder(
      folder: string,
      { cursor = null, signal = never() }: StoragePageRequest = {},
    ): Promise<FetchedPage<StorageEntry>> {
      const listing = listingSchema(entrySchema)
      return pageByToken(
        { cursor, signal },
        {
          async fetch({ token }) {
            const { entries, ...listed } =
              token === null
                ? await api.read('files/list_folder', { path: pathOf(folder), limit: 2_000 }, listing, signal)
                : await api.read('files/list_folder/continue', { cursor: token }, listing, signal)
            return { items: entries, ...(listed.has_more && { next: listed.cursor }) }
          },
        },
      )
    },

    /** One file or folder. The top folder has no entry. */
    async getEntry(entry: string): Promise<StorageEntry> {
      return entryOf(entry)
    },

    /** All of a file, in memory. */
    async download(file: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Uint8Array> {
      const parts: Uint8Array[] = []
      for await (const part of readParts(api, await fileOf(file), signal)) parts.push(part)
      return Buffer.concat(parts)
    },

    /** A file of any size, in parts of 8 MiB, in one revision. */
    async *downloadParts(
      file: string,
      { signal }: { readonly signal?: AbortSignal } = {},
    ): AsyncGenerator<Uint8Array, void, undefined> {
      yield* readParts(api, await fileOf(file), signal)
    },

    /** Writes a file of at most 150 MiB. Dropbox compares the hash of what arrived. Not tried again by itself. */
    async upload(
      path: string,
      content: Uint8Array | string,
      { replaces = 'nothing', modifiedAt, signal }: StorageUpload = {},
    ): Promise<StorageFile> {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content
      if (bytes.length > maxUploadLength) {
        throw new ConnectorsError('INVALID_INPUT', `One upload takes at most ${maxUploadLength} bytes.`)
      }
      const argument = {
        path: pathOf(path),
        mode: modeOf(replaces),
        autorename: false,
        content_hash: contentHash(bytes),
        ...(modifiedAt !== undefined && { client_modified: modifiedAt.toISOString().replace(/\.\d+Z$/, 'Z') }),
      }
      return (await api.upload(argument, bytes, signal)).read(fileSchema)
    },

    /** Deletes a file, or a folder with all that is in it. Dropbox keeps it for a while, for people to restore. */
    async deleteEntry(entry: string): Promise<void> {
      await api.write('files/delete_v2', { path: pathOf(entry) })
    },
  }
}

function modeOf(replaces: NonNullable<StorageUpload['replaces']>): unknown {
  if (replaces === 'nothing') return 'add'
  return replaces === 'anything' ? 'overwrite' : { '.tag': 'update', update: replaces.revision }
}

/** As Dropbox writes it: an id as it is, the top as an empty text, a folder without a slash at its end. */
function pathOf(entry: string): string {
  if (entry === '' || entry.startsWith('/')) return entry.replace(/\/+$/, '')
  if (/^(id|rev|ns):/.test(entry)) return entry
  throw new ConnectorsError('INVALID_INPUT', 'A path of Dropbox begins with a slash, an id with `id:`.')
}

/** Nobody gives up on it. */
function never(): AbortSignal {
  return new AbortController().signal
}
