import { defineProvider, none } from 'bapp-connectors/providers'
import { z } from 'zod'

/** A page of items that come from nowhere, so that nothing but the library is measured. */
export interface BenchItem {
  readonly id: string
  readonly number: number
  readonly title: string
}

/** The header of the signature. */
export const signatureHeader = 'x-bench-signature'

const perPage = 100

/** The third party of the benchmarks. */
export const benchProvider = defineProvider({
  family: 'bench',
  name: 'bench',
  label: 'Bench',
  allowMultiple: true,
  credentials: z.object({ token: z.string() }),
  settings: z.object({ url: z.url(), pages: z.int().default(1) }),
  http: { baseUrl: ({ url }) => url, auth: () => none(), retries: 0 },
  adapter: ({ http, settings }) => ({
    async add(a: number, b: number) {
      return a + b
    },
    async ping() {
      return (await http.get('/ping')).text()
    },
    async listItems(page: number) {
      return { items: itemsOfPage(page), next: page + 1, hasMore: page + 1 < settings.pages }
    },
  }),
  test: (adapter) => adapter.add(1, 1),
  resources: {
    items: {
      incremental: true,
      async fetch(adapter, { cursor }) {
        const { items, next, hasMore } = await adapter.listItems(typeof cursor === 'number' ? cursor : 0)
        return { items, cursor: next, hasMore }
      },
    },
  },
  webhooks: {
    signature: { kind: 'hmac', algorithm: 'sha256', encoding: 'hex', header: signatureHeader, prefix: 'sha256=' },
    deliveryId: { header: 'x-bench-delivery', isSigned: false },
    eventType: (headers) => headers['x-bench-event'] ?? 'unknown',
    parse: ({ headers, rawBody }) => ({
      type: headers['x-bench-event'] ?? 'unknown',
      body: JSON.parse(new TextDecoder().decode(rawBody)) as unknown,
    }),
  },
})

/** The items of a page, made anew each time. */
export function itemsOfPage(page: number): readonly BenchItem[] {
  return Array.from({ length: perPage }, (_, index) => {
    const number = page * perPage + index
    return { id: `item-${number}`, number, title: `The title of item ${number}, as long as titles are` }
  })
}
