import { ConnectorsError, ProviderUnavailableError } from '../../core/domain/errors.ts'
import type { StorageFile } from '../../families/storage/index.ts'
import { createContentHash } from './content-hash.ts'
import type { DropboxApi } from './dropbox-api.ts'

/** The bytes of one part. */
const partLength = 8 * 1024 * 1024

/**
 * The content of a file, part by part, in the revision that is told, whatever happens to the file meanwhile.
 *
 * @throws {ConnectorsError} `INVALID_INPUT` for a document that has no bytes of its own.
 * @throws {ProviderUnavailableError} if what arrived isn't what Dropbox has: by its length, or by its hash at the end.
 */
export async function* readParts(api: DropboxApi, file: StorageFile, signal?: AbortSignal) {
  if (!file.isDownloadable) {
    throw new ConnectorsError('INVALID_INPUT', 'This document can only be exported, not downloaded.')
  }
  const hash = createContentHash()
  for (let first = 0; first < file.size; first += partLength) {
    const last = Math.min(first + partLength, file.size) - 1
    const { bytes } = await api.downloadRange(`rev:${file.revision}`, [first, last], signal)
    if (bytes.length !== last - first + 1) {
      throw new ProviderUnavailableError(
        `Dropbox answered ${bytes.length} bytes of a file where ${last - first + 1} were asked for.`,
      )
    }
    hash.update(bytes)
    yield bytes
  }
  if (file.contentHash !== null && hash.digest() !== file.contentHash) {
    throw new ProviderUnavailableError('A file did not arrive as Dropbox has it: its content hash is another one.')
  }
}
