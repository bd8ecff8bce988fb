/** One HTTP request, one attempt. */
export interface HttpRequest {
  /** Upper case, e.g. `GET`. */
  readonly method: string
  /** Absolute http or https URL. */
  readonly url: string
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | null
  /** Gives up on the whole exchange, body included, after this many milliseconds. */
  readonly timeoutMs: number
  readonly signal: AbortSignal | null
}

/** The answer, read to its end. Redirects are answers like others: nothing is followed. */
export interface HttpResponse {
  readonly status: number
  /** Header names in lower case; repeated headers joined with `, `. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/**
 * Sends a request to the outside world, or refuses to.
 *
 * @throws {ConnectorsError} `PROVIDER_UNAVAILABLE` for network failures, time-outs and bodies that end early;
 *   `EGRESS_REFUSED` for an address we must not talk to; `ABORTED` when `signal` fired.
 */
export type HttpTransport = (request: HttpRequest) => Promise<HttpResponse>
