import type { ServerResponse } from 'node:http'
import type { FakeRequest } from './fake-provider.ts'

/** An answer as the wire has it. */
export interface FakeAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Text is sent as it is, anything else as JSON; default: nothing. */
  readonly body?: unknown
}

/**
 * What goes wrong:
 *
 * - an answer: a refusal (401, 403), a limit (429 with `retry-after`), a failure (5xx), or one made of the request;
 * - `truncated`: a body that ends before the length that was announced;
 * - `half-json`: a body that was cut off, with nothing in the headers to tell;
 * - `not-json`: a page for people, with status 200;
 * - `hang`: no answer at all, until the other side gives up;
 * - `reset`: the connection is torn down.
 */
export type FakeFault =
  | FakeAnswer
  | ((request: FakeRequest) => FakeAnswer)
  | 'truncated'
  | 'half-json'
  | 'not-json'
  | 'hang'
  | 'reset'

/** Sends an answer. */
export function sendFakeAnswer(response: ServerResponse, { status, headers, body }: FakeAnswer): void {
  const text = typeof body === 'string' || body === undefined ? (body ?? '') : JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text)
}

/** Lets a fault happen to a request. */
export function playFault(fault: FakeFault, request: FakeRequest, response: ServerResponse): void {
  switch (fault) {
    case 'truncated':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '99' })
      response.write('{"half":', () => response.destroy())
      break
    case 'half-json':
      sendFakeAnswer(response, { status: 200, body: '{"half":' })
      break
    case 'not-json': {
      const body = '<!doctype html><title>Down for maintenance</title>'
      sendFakeAnswer(response, { status: 200, headers: { 'content-type': 'text/html' }, body })
      break
    }
    case 'hang':
      break
    case 'reset':
      response.socket?.resetAndDestroy()
      break
    default:
      sendFakeAnswer(response, typeof fault === 'function' ? fault(request) : fault)
  }
}
