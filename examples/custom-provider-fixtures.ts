import { fakeResponse, fakeRoutes, type ProviderFixtures, startFakeProvider } from 'bapp-connectors/testing'
import type { helpdesk } from './custom-provider.ts'

/** A helpdesk with five tickets, two on a page. */
async function startHelpdesk() {
  const token = 'token-of-acme'
  const tickets = ['t1', 't2', 't3', 't4', 't5'].map((id) => ({ id, subject: `About ${id}`, status: 'open' }))
  const service = await startFakeProvider(
    fakeRoutes(
      {
        'GET /me': () => ({ email: 'ada@acme.example' }),
        'GET /tickets': ({ query }) => {
          const end = Number(query.get('page')) * 2
          return { tickets: tickets.slice(end - 2, end), isLast: end >= tickets.length }
        },
        'POST /tickets/:id/close': ({ params }) => {
          const found = tickets.find(({ id }) => id === params.id)
          return found === undefined ? fakeResponse(404, { message: 'no such ticket' }) : { ...found, status: 'closed' }
        },
      },
      { authorize: ({ headers }) => headers.authorization === `Bearer ${token}` },
    ),
  )
  const items = { tickets: tickets.map(({ id }) => id) }
  return { service, credentials: { token }, settings: { url: service.origin }, secrets: [token], items }
}

const opened = { id: 'evt_1', type: 'ticket.opened', ticket: { id: 't6', subject: 'Hello', status: 'open' } }

export const helpdeskFixtures: ProviderFixtures<typeof helpdesk> = {
  start: startHelpdesk,
  call: (adapter) => adapter.closeTicket('t1'),
  webhooks: {
    secret: 'whsec_of_acme',
    deliveries: [
      { type: 'ticket.opened', body: opened },
      { type: 'ticket.closed', body: { ...opened, id: 'evt_2', type: 'ticket.closed' } },
    ],
  },
}
