import type { ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'
import { createHttpClient, type HttpClientOptions } from '../../src/providers/kit/http-client.ts'
import { bearer } from '../../src/providers/kit/index.ts'
import { type FakeRequest, startFakeProvider } from '../../src/testing/fake-provider.ts'
import { createProviderContext } from './provider-context.ts'

/** Answers the n-th request. */
export type Answer = (request: FakeRequest, response: ServerResponse, count: number) => void

/** A client that proves itself with the token `s3cret-token`, and the server that it talks to until the test ends. */
export async function connectHttpClient(
  answer: Answer,
  more: Partial<HttpClientOptions> & { readonly path?: string } = {},
) {
  let count = 0
  const server = await startFakeProvider((request, response) => {
    count += 1
    answer(request, response, count)
  })
  onTestFinished(server.close)
  const { context, waits, sent, reported } = createProviderContext()
  const http = createHttpClient({
    context,
    baseUrl: `${server.origin}${more.path ?? ''}`,
    auth: bearer('s3cret-token'),
    ...more,
  })
  return { http, server, waits, sent, reported }
}

/** Answers with JSON. */
export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}
