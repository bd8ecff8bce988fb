import type { z } from 'zod'
import { ConnectorsError, ProviderUnavailableError } from '../../core/domain/errors.ts'
import type { HttpResponse } from '../../core/ports/http-transport.ts'

/** A successful answer of the third party, read to its end. */
export interface HttpAnswer {
  readonly status: number
  /** Names in lower case; repeated headers joined with `, `. */
  readonly headers: Readonly<Record<string, string>>
  /** Where the answer came from, after redirects. May hold a query string: not for messages. */
  readonly url: string
  /** Parameters of the query string that prove who is asking. `url` has none of them; links of the provider's may. */
  readonly proofParameters: readonly string[]
  readonly bytes: Uint8Array
  /** The body as UTF-8 text. */
  text(): string
  /**
   * The parsed body.
   *
   * @throws {ProviderUnavailableError} if it isn't JSON: a body that was cut off, or a page of a proxy in between.
   */
  json(): unknown
  /**
   * The parsed body, checked and typed by a zod schema.
   *
   * @throws {ProviderUnavailableError} as `json()`.
   * @throws {ConnectorsError} `PROVIDER_FAILED` if it is JSON, but not what the schema says; names the field, no value.
   */
  read<S extends z.ZodType>(schema: S): z.output<S>
}

/** Dresses a raw answer. `what` is how messages call the request, e.g. `GET /user`. */
export function toHttpAnswer(
  what: string,
  url: string,
  response: HttpResponse,
  proofParameters: readonly string[],
): HttpAnswer {
  const { status, headers, body } = response
  const text = () => new TextDecoder().decode(body)
  const json = (): unknown => {
    try {
      return JSON.parse(text())
    } catch {
      // The parser's own message quotes the body, which may hold anything.
      throw new ProviderUnavailableError(
        `${what} answered ${status} with a body that is not JSON (${body.byteLength} bytes); it may have been cut off.`,
        { status },
      )
    }
  }
  return {
    status,
    headers,
    url,
    proofParameters,
    bytes: body,
    text,
    json,
    read(schema) {
      const parsed = schema.safeParse(json())
      if (parsed.success) return parsed.data
      const [issue] = parsed.error.issues
      const where = issue === undefined || issue.path.length === 0 ? 'the body' : issue.path.map(String).join('.')
      throw new ConnectorsError(
        'PROVIDER_FAILED',
        `${what} answered ${status} with something it does not document: ${where}: ${issue?.message ?? 'invalid'}.`,
        { status },
      )
    },
  }
}
