import type { Json } from '../../core/domain/json.ts'
import type { FetchedPage } from '../../core/domain/provider.ts'
import type { StorageChange, StorageEntry, StorageFile } from './storage-entry.ts'

/** Which page of a listing. */
export interface StoragePageRequest {
  /** As the page before answered it; `null` or absent = from the beginning. */
  readonly cursor?: Json
  readonly signal?: AbortSignal
}

/** How a file is written. */
export interface StorageUpload {
  /**
   * What may be there already: nothing (the default; else `PROVIDER_REJECTED` with status 409), anything, or the revision
   * that was read before.
   */
  readonly replaces?: 'nothing' | 'anything' | { readonly revision: string }
  /** When the content was changed, for people; default: now. */
  readonly modifiedAt?: Date
  readonly signal?: AbortSignal
}

/**
 * What the adapter of every storage can do. Entries are named by their path (`/reports/2026.pdf`) or their `externalId`; one
 * that isn't there is `PROVIDER_REJECTED` with status 404.
 */
export type StorageAdapter = {
  /** What happened since the cursor; from the beginning: all that is there. */
  getChanges(request?: StoragePageRequest): Promise<FetchedPage<StorageChange>>
  /** What lies in a folder, not deeper; `/` is the top. */
  listFolder(folder: string, request?: StoragePageRequest): Promise<FetchedPage<StorageEntry>>
  /** One file or folder, by path or `externalId`. */
  getEntry(entry: string): Promise<StorageEntry>
  /** All of a file, in memory. */
  download(file: string, request?: { readonly signal?: AbortSignal }): Promise<Uint8Array>
  /** A file of any size, part by part, in one revision, and as the provider has it: it fails in the end otherwise. */
  downloadParts(file: string, request?: { readonly signal?: AbortSignal }): AsyncGenerator<Uint8Array, void, undefined>
  /** Writes a small file in one request; a text as UTF-8. */
  upload(path: string, content: Uint8Array | string, upload?: StorageUpload): Promise<StorageFile>
  /** Deletes a file, or a folder with all that is in it. */
  deleteEntry(entry: string): Promise<void>
}

/** The names of {@link StorageAdapter}'s methods: what `defineProvider` checks a provider of the family for. */
export const storageMethods = [
  'getChanges',
  'listFolder',
  'getEntry',
  'download',
  'downloadParts',
  'upload',
  'deleteEntry',
] as const satisfies readonly (keyof StorageAdapter)[]
