import { ConnectorsError } from '../domain/errors.ts'
import { type PublicAddress, toPublicUrl } from '../domain/public-url.ts'
import type { SignedDelivery } from '../domain/signature-layout.ts'
import type { IncomingDelivery } from '../domain/webhook-outcome.ts'

/** A delivery, taken apart. */
export interface ReadDelivery extends SignedDelivery {
  readonly method: 'GET' | 'POST'
}

/**
 * Takes a delivery apart: header names in lower case, the body as it came, at most `maxBodyBytes` of it, the URL as the
 * provider called it.
 *
 * @throws {ConnectorsError} `BODY_TOO_LARGE`; `INVALID_INPUT` when the body isn't raw bytes any more.
 */
export async function readDelivery(
  delivery: IncomingDelivery,
  { maxBodyBytes: maxBytes, ...address }: PublicAddress & { readonly maxBodyBytes: number },
): Promise<ReadDelivery> {
  if (isRequest(delivery)) {
    return {
      headers: Object.fromEntries(delivery.headers),
      rawBody: await readBody(delivery, maxBytes),
      url: toPublicUrl(delivery.url, address),
      method: delivery.method === 'GET' ? 'GET' : 'POST',
    }
  }
  if (typeof delivery !== 'object' || delivery === null || !hasHeaders(delivery)) {
    throw new ConnectorsError(
      'INVALID_INPUT',
      'A delivery is a Request, or { headers, body } with the headers as texts and the raw bytes.',
    )
  }
  const { headers, body, url = null, method = 'POST' } = delivery
  if (!(body instanceof Uint8Array)) {
    throw new ConnectorsError(
      'INVALID_INPUT',
      `The body of a webhook must be its raw bytes (Uint8Array or Buffer), not ${body === null ? 'null' : typeof body}: ` +
        'the signature covers the bytes, which parsing and decoding change. Read the body before any body parser does.',
    )
  }
  if (body.byteLength > maxBytes) throw tooLarge(maxBytes)
  if (url !== null && (typeof url !== 'string' || !URL.canParse(url))) {
    throw new ConnectorsError('INVALID_INPUT', 'The url of a delivery must be absolute, as the provider was given it.')
  }
  if (method !== 'GET' && method !== 'POST') {
    throw new ConnectorsError(
      'INVALID_INPUT',
      'The method of a delivery is POST, or GET where a service asks for an answer.',
    )
  }
  return {
    headers: lowerCased(isHeaders(headers) ? [...headers] : Object.entries(headers)),
    rawBody: body,
    url,
    method,
  }
}

/** Headers by lower-case name. Several of one name become one, as HTTP joins them, so that none of them hides another. */
function lowerCased(entries: readonly (readonly [string, unknown])[]): Readonly<Record<string, string>> {
  const values = new Map<string, string>()
  for (const [name, value] of entries) {
    if (value === undefined) continue
    const text = Array.isArray(value) ? value.join(', ') : String(value)
    const known = values.get(name.toLowerCase())
    values.set(name.toLowerCase(), known === undefined ? text : `${known}, ${text}`)
  }
  return Object.fromEntries(values)
}

/** By its members: a request of another realm, or of a framework's own class, is a request too. */
function isRequest(delivery: IncomingDelivery): delivery is Request {
  return typeof (delivery as Partial<Request> | undefined)?.arrayBuffer === 'function'
}

/** Whether there are headers, each of them a text or a list of texts: anything else could throw as it is read. */
function hasHeaders({ headers }: { readonly headers: unknown }): boolean {
  if (typeof headers !== 'object' || headers === null) return false
  const isText = (value: unknown) => typeof value === 'string' || value === undefined
  return (
    isHeaders(headers) ||
    Object.values(headers).every((value) => isText(value) || (Array.isArray(value) && value.every(isText)))
  )
}

function isHeaders(headers: object): headers is Headers {
  return typeof (headers as Partial<Headers>).get === 'function'
}

async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  if (request.bodyUsed) {
    throw new ConnectorsError(
      'INVALID_INPUT',
      'The body of the request was read before. Pass the request before anything reads it.',
    )
  }
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes)
  if (request.body === null) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body) {
    length += chunk.byteLength
    // Leaving the loop cancels the stream: the rest isn't read.
    if (length > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function tooLarge(maxBytes: number): ConnectorsError {
  return new ConnectorsError(
    'BODY_TOO_LARGE',
    `The body of the webhook is larger than ${maxBytes} bytes. If the provider really sends such bodies, raise webhooks.maxBodyBytes.`,
  )
}
