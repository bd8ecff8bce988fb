import { bearer, defineProvider, field, pageByNumber, signatures } from 'bapp-connectors/providers'
import { z } from 'zod'

const ticket = z.object({ id: z.string(), subject: z.string(), status: z.enum(['open', 'closed']) })
const ticketPage = z.object({ tickets: z.array(ticket), isLast: z.boolean() })
const event = z.object({ id: z.string(), type: z.enum(['ticket.opened', 'ticket.closed']), ticket })

export const helpdesk = defineProvider({
  family: 'support',
  name: 'helpdesk',
  label: 'Helpdesk',
  version: '1.0.0',
  description: 'Tickets of a helpdesk account.',
  docsUrl: 'https://helpdesk.example/docs/api',
  credentials: z.strictObject({ token: field(z.string().min(8), { label: 'API token', secret: true }) }),
  settings: z.strictObject({ url: field(z.url().default('https://api.helpdesk.example/v1'), { label: 'Address' }) }),
  rateLimit: { requestsPerSecond: 5 },
  http: { baseUrl: ({ url }) => url, auth: ({ token }) => bearer(token) },
  adapter: ({ http }) => ({
    async whoAmI() {
      return (await http.get('/me')).read(z.object({ email: z.string() }))
    },
    async listTickets(page: number, signal?: AbortSignal) {
      return (await http.get('/tickets', { query: { page }, ...(signal && { signal }) })).read(ticketPage)
    },
    async closeTicket(id: string) {
      return (await http.post(`/tickets/${encodeURIComponent(id)}/close`)).read(ticket)
    },
  }),
  test: (adapter) => adapter.whoAmI(),
  resources: {
    tickets: {
      incremental: false,
      fetch: (adapter, request) =>
        pageByNumber(request, {
          async fetch({ page, signal }) {
            const { tickets, isLast } = await adapter.listTickets(page, signal)
            return { items: tickets, hasMore: !isLast }
          },
        }),
    },
  },
  webhooks: {
    signature: signatures.stripe, // `t=…,v1=…`; your own as data: docs/webhooks.md
    deliveryId: { body: 'id' },
    eventType: (_headers, payload) => event.safeParse(payload).data?.type ?? 'unknown',
    parse: ({ rawBody }) => event.parse(JSON.parse(new TextDecoder().decode(rawBody))),
  },
})
