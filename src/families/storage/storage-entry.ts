import { z } from 'zod'
import { rawSchema } from '../raw-json.ts'

const place = {
  /** The provider's id, which stays when the entry is moved or renamed. */
  externalId: z.string().min(1),
  name: z.string(),
  /** Where it is, as people write it; `null` where the provider has no paths. */
  path: z.string().nullable(),
  /** The path in the one spelling that paths are compared by; below a folder lies what begins with its key and a slash. */
  pathKey: z.string().nullable(),
  raw: rawSchema,
}

/** A file. */
export const storageFileSchema = z.object({
  kind: z.literal('file'),
  ...place,
  /** Of the content; another one after each change. */
  revision: z.string().min(1),
  /** In bytes. */
  size: z.int().min(0),
  /** Made of the content in the provider's own way: the same for the same content. `null` where the provider tells none. */
  contentHash: z.string().nullable(),
  /** Whether it has bytes that can be had: documents of the provider's own web application may have none. */
  isDownloadable: z.boolean(),
  modifiedAt: z.date(),
})

/** A file. */
export type StorageFile = z.output<typeof storageFileSchema>

/** A folder. */
export const storageFolderSchema = z.object({ kind: z.literal('folder'), ...place })

/** A folder. */
export type StorageFolder = z.output<typeof storageFolderSchema>

/** Something that isn't there any more, and all that lay below it. */
export const storageDeletionSchema = z.object({
  kind: z.literal('deleted'),
  /** `null` where the provider tells the path only. */
  externalId: z.string().min(1).nullable(),
  path: z.string().nullable(),
  /** The key of the path; `''` = everything. `null` where the provider tells the id only. */
  pathKey: z.string().nullable(),
  /**
   * The provider no longer knows what has changed, or another folder is listed now: everything is gone (`pathKey: ''`), and
   * what is there comes again behind it.
   */
  isReset: z.boolean(),
  raw: rawSchema,
})

/** Something that isn't there any more, and all that lay below it. */
export type StorageDeletion = z.output<typeof storageDeletionSchema>

/** A file or a folder. */
export const storageEntrySchema = z.discriminatedUnion('kind', [storageFileSchema, storageFolderSchema])

/** A file or a folder. */
export type StorageEntry = z.output<typeof storageEntrySchema>

/** One step of what happened: to be applied in the order in which it comes. */
export const storageChangeSchema = z.discriminatedUnion('kind', [
  storageFileSchema,
  storageFolderSchema,
  storageDeletionSchema,
])

/** One step of what happened: to be applied in the order in which it comes. */
export type StorageChange = z.output<typeof storageChangeSchema>
