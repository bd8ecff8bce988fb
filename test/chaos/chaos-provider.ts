import { bearer, defineProvider } from 'bapp-connectors/providers'
import { z } from 'zod'

/** One item as the server lists it. It carries what its page was, so that a handler can write that down. */
const listedItem = z.object({
  id: z.string(),
  version: z.int(),
  /** Number of the response: no two have the same. */
  page: z.int(),
  /** The position that was asked for, and the one to go on from; `''` = the beginning. */
  from: z.string(),
  next: z.string(),
})

const listing = z.object({ items: z.array(listedItem), next: z.string(), hasMore: z.boolean() })

/** An item as handlers get it. */
export type ListedItem = z.output<typeof listedItem>

/** The third party of the chaos test. */
export const chaosProvider = defineProvider({
  family: 'shop',
  name: 'chaos',
  label: 'Chaos',
  allowMultiple: true,
  credentials: z.object({ token: z.string() }),
  settings: z.object({ url: z.url() }),
  http: { baseUrl: ({ url }) => url, auth: ({ token }) => bearer(token), retries: 1 },
  adapter: ({ http }) => ({
    async ping() {
      return (await http.get('/ping')).json()
    },
    async listItems(after: string, signal: AbortSignal) {
      return (await http.get('/items', { query: { after }, signal })).read(listing)
    },
  }),
  test: (adapter) => adapter.ping(),
  resources: {
    items: {
      incremental: true,
      async fetch(adapter, { cursor, signal }) {
        const { items, next, hasMore } = await adapter.listItems(typeof cursor === 'string' ? cursor : '', signal)
        return { items, cursor: next, hasMore }
      },
    },
  },
})
