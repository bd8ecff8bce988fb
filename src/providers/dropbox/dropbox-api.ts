import type { z } from 'zod'
import type { HttpAnswer, HttpClient } from '../kit/index.ts'

/** Dropbox's API for one account: https://www.dropbox.com/developers/documentation/http/documentation */
export interface DropboxApi {
  /** Asks; tried again like a GET. */
  read<S extends z.ZodType>(method: string, argument: unknown, schema: S, signal?: AbortSignal): Promise<z.output<S>>
  /** Changes something, once. */
  write(method: string, argument: unknown): Promise<void>
  /** Some bytes of a file, the last one included. */
  downloadRange(path: string, range: readonly [number, number], signal?: AbortSignal): Promise<HttpAnswer>
  /** Sends bytes, once. */
  upload(argument: unknown, content: Uint8Array, signal?: AbortSignal): Promise<HttpAnswer>
}

/** For a part of a download and for an upload, which take longer than other requests. */
const transferTimeoutMs = 120_000

/** Speaks to both hosts of the API: one for words, one for bytes. */
export function createDropboxApi(rpc: HttpClient, content: HttpClient): DropboxApi {
  const callOf = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { signal })
  return {
    async read(method, argument, schema, signal) {
      return (await rpc.post(`/2/${method}`, { json: argument, isRead: true, ...callOf(signal) })).read(schema)
    },
    async write(method, argument) {
      const answer = await rpc.post(`/2/${method}`, { json: argument })
      // One that was cut off proves nothing.
      answer.json()
    },
    downloadRange(path, [first, last], signal) {
      return content.post('/2/files/download', {
        isRead: true,
        timeoutMs: transferTimeoutMs,
        headers: {
          accept: '*/*',
          // The range is one of the bytes that are sent.
          'accept-encoding': 'identity',
          'dropbox-api-arg': headerText({ path }),
          range: `bytes=${first}-${last}`,
        },
        ...callOf(signal),
      })
    },
    upload(argument, bytes, signal) {
      return content.post('/2/files/upload', {
        body: bytes,
        timeoutMs: transferTimeoutMs,
        headers: { 'content-type': 'application/octet-stream', 'dropbox-api-arg': headerText(argument) },
        ...callOf(signal),
      })
    },
  }
}

/** JSON that fits into a header: only ASCII. */
function headerText(argument: unknown): string {
  return JSON.stringify(argument).replace(
    /[\x7f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
