import { createHash } from 'node:crypto'

const blockLength = 4 * 1024 * 1024

/** A hash that is given its bytes in parts of any length. */
export interface ContentHash {
  /** Goes on with more bytes. */
  update(bytes: Uint8Array): void
  /** The hash of all of them, in hex. Once. */
  digest(): string
}

/**
 * Dropbox's hash of a file: SHA-256 over the SHA-256 of each block of 4 MiB
 * (https://www.dropbox.com/developers/reference/content-hash).
 */
export function createContentHash(): ContentHash {
  const whole = createHash('sha256')
  let block = createHash('sha256')
  let length = 0
  return {
    update(bytes) {
      for (let rest = bytes; rest.length > 0; ) {
        const part = rest.subarray(0, blockLength - length)
        rest = rest.subarray(part.length)
        block.update(part)
        length += part.length
        if (length < blockLength) continue
        whole.update(block.digest())
        block = createHash('sha256')
        length = 0
      }
    },
    // A file of no bytes has no blocks.
    digest: () => (length === 0 ? whole : whole.update(block.digest())).digest('hex'),
  }
}

/** Dropbox's hash of some content: that of a file with it (`contentHash`). A text is taken as UTF-8. */
export function contentHash(content: Uint8Array | string): string {
  const hash = createContentHash()
  hash.update(typeof content === 'string' ? Buffer.from(content) : content)
  return hash.digest()
}
