import { z } from 'zod'
import type { JsonObject } from '../../core/domain/json.ts'
import type { StorageChange, StorageDeletion, StorageEntry, StorageFile } from '../../families/storage/index.ts'
import { withRaw } from '../../families/with-raw.ts'

// https://www.dropbox.com/developers/documentation/http/documentation#files-get_metadata
const paths = z.object({ path_display: z.string().nullish(), path_lower: z.string().nullish() })
const place = paths.extend({ name: z.string() })
const file = place.extend({
  id: z.string().min(1),
  rev: z.string().min(1),
  size: z.int().min(0),
  content_hash: z.string().nullish(),
  is_downloadable: z.boolean().default(true),
  client_modified: z.iso.datetime(),
})
const tagged = z.discriminatedUnion('.tag', [
  file.extend({ '.tag': z.literal('file') }),
  place.extend({ '.tag': z.literal('folder'), id: z.string().min(1) }),
  place.extend({ '.tag': z.literal('deleted') }),
])

/** The answer of an upload: a file, which says nowhere that it is one. */
export const fileSchema = withRaw(file, toFile)

/** A file, a folder, or what isn't there any more. */
export const changeSchema = withRaw(tagged, (entry, raw): StorageChange => {
  switch (entry['.tag']) {
    case 'file':
      return toFile(entry, raw)
    case 'folder':
      return { kind: 'folder', externalId: entry.id, name: entry.name, ...pathOf(entry), raw }
    case 'deleted':
      return { kind: 'deleted', externalId: null, ...pathOf(entry), isReset: false, raw }
  }
})

/** A file or a folder. */
export const entrySchema = changeSchema.transform((entry, context): StorageEntry => {
  if (entry.kind !== 'deleted') return entry
  context.addIssue({ code: 'custom', message: 'must be a file or a folder' })
  return z.NEVER
})

/** Everything is gone, and comes again. */
export const reset: StorageDeletion = {
  kind: 'deleted',
  externalId: null,
  path: '',
  pathKey: '',
  isReset: true,
  raw: {},
}

function toFile(read: z.output<typeof file>, raw: JsonObject): StorageFile {
  return {
    kind: 'file',
    externalId: read.id,
    name: read.name,
    ...pathOf(read),
    revision: read.rev,
    size: read.size,
    contentHash: read.content_hash ?? null,
    isDownloadable: read.is_downloadable,
    modifiedAt: new Date(read.client_modified),
    raw,
  }
}

function pathOf({ path_display, path_lower }: z.output<typeof paths>) {
  return { path: path_display ?? path_lower ?? null, pathKey: path_lower ?? null }
}
