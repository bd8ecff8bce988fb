import { z } from 'zod'
import { isConnectorsError } from '../../core/domain/errors.ts'
import type { Json } from '../../core/domain/json.ts'
import type { FetchedPage } from '../../core/domain/provider.ts'
import type { StorageChange } from '../../families/storage/index.ts'
import { pageByToken } from '../kit/index.ts'
import type { DropboxApi } from './dropbox-api.ts'
import { changeSchema, reset } from './dropbox-entry.ts'

const cursorSchema = z.object({ folder: z.string(), at: z.json() })

/** What a listing answers: https://www.dropbox.com/developers/documentation/http/documentation#files-list_folder */
export const listingSchema = <Entry extends z.ZodType>(entry: Entry) =>
  z.object({ entries: z.array(entry), cursor: z.string().min(1), has_more: z.boolean() })

/**
 * One page of what happened below a folder. A cursor of Dropbox's goes on behind the end of a listing for as long as Dropbox
 * remembers; then, and for another folder, everything begins anew, which the first item tells.
 */
export async function fetchChanges(
  api: DropboxApi,
  folder: string,
  { cursor, signal }: { readonly cursor: Json; readonly signal: AbortSignal },
): Promise<FetchedPage<StorageChange>> {
  const known = cursorSchema.safeParse(cursor)
  if (known.success && known.data.folder === folder) {
    try {
      return await pageFrom(known.data.at)
    } catch (error) {
      if (!isConnectorsError(error, 'PROVIDER_REJECTED') || error.status !== 410) throw error
    }
  }
  const first = await pageFrom(null)
  return cursor === null ? first : { ...first, items: [reset, ...first.items] }

  async function pageFrom(at: Json): Promise<FetchedPage<StorageChange>> {
    const page = await pageByToken(
      { cursor: at, signal },
      {
        async fetch({ token }) {
          const listed =
            token === null
              ? await api.read('files/list_folder', wholeFolder(folder), listingSchema(changeSchema), signal)
              : await api.read('files/list_folder/continue', { cursor: token }, listingSchema(changeSchema), signal)
          return { items: listed.entries, ...(listed.has_more ? { next: listed.cursor } : { resume: listed.cursor }) }
        },
      },
    )
    return { ...page, cursor: { folder, at: page.cursor } }
  }
}

function wholeFolder(path: string): object {
  return { path, recursive: true, include_deleted: false, include_non_downloadable_files: true, limit: 2_000 }
}
