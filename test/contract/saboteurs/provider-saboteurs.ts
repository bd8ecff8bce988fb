import { AuthenticationError } from 'bapp-connectors'
import { field } from 'bapp-connectors/providers'
import { z } from 'zod'
import { helpdesk } from '../../../examples/custom-provider.ts'
import type { AnyProvider, FetchedPage, FetchRequest } from '../../../src/core/domain/provider.ts'
import type { HttpResponse } from '../../../src/core/ports/http-transport.ts'

/** Breaks one promise of the good provider of the examples, the way real providers do. */
interface ProviderSaboteur {
  /** The mistake, as a plain sentence. */
  readonly mistake: string
  readonly provider: AnyProvider
  /** Ids of the cases that have to fail because of it. */
  readonly caughtBy: readonly string[]
}

const tokenSchema = z.string().min(8)
const { webhooks, resources } = helpdesk
if (webhooks === null) throw new Error('the helpdesk has webhooks')

type Helpdesk = typeof helpdesk
type Tickets = Helpdesk['resources']['tickets']

const withWebhooks = (changed: Partial<typeof webhooks>): AnyProvider => ({
  ...helpdesk,
  webhooks: { ...webhooks, ...changed },
})

const withTickets = (fetch: Tickets['fetch'], incremental = false): Helpdesk => ({
  ...helpdesk,
  resources: { tickets: { ...resources.tickets, incremental, fetch } },
})

/** Takes each page of the good provider and spoils it. */
const spoiling = (
  spoil: (page: FetchedPage<unknown>, request: FetchRequest) => FetchedPage<unknown>,
  incremental?: boolean,
) =>
  withTickets(
    // Items of any kind: what is spoiled needs no type.
    (async (adapter, request) => spoil(await resources.tickets.fetch(adapter, request), request)) as Tickets['fetch'],
    incremental,
  )

/** Sees the answers of the service in a wrong light. */
const misreading = (misread: (answer: HttpResponse) => Partial<HttpResponse>): Helpdesk => ({
  ...helpdesk,
  build: (context) =>
    helpdesk.build({
      ...context,
      async send(request) {
        const answer = await context.send(request)
        return { ...answer, ...misread(answer) }
      },
    }),
})

const taking = (from: number, to: number) => misreading(({ status }) => (status === from ? { status: to } : {}))

/** Tells values for its address. */
const choosing = (...values: readonly string[]): AnyProvider => ({
  ...helpdesk,
  choiceFields: ['url'],
  loadChoices: async () => values.map((value) => ({ value, label: 'Europe' })),
})

/** Each breaks a promise; together they break every one. */
export const providerSaboteurs: readonly ProviderSaboteur[] = [
  { mistake: 'it has no version', provider: { ...helpdesk, version: null }, caughtBy: ['manifest/complete'] },
  { mistake: 'it has no description', provider: { ...helpdesk, description: null }, caughtBy: ['manifest/complete'] },
  {
    mistake: 'its token has no label',
    provider: { ...helpdesk, credentials: z.strictObject({ token: tokenSchema }) },
    caughtBy: ['manifest/fields'],
  },
  {
    mistake: 'it tells a method that a connection does not have',
    provider: { ...helpdesk, methods: [...(helpdesk.methods ?? []), 'reopenTicket'] },
    caughtBy: ['manifest/methods'],
  },
  {
    mistake: 'it belongs to a family whose methods it lacks',
    provider: { ...helpdesk, family: 'payment' } as AnyProvider,
    caughtBy: ['manifest/family'],
  },
  {
    mistake: 'no form can ask for its credentials, because its schema names no field',
    provider: { ...helpdesk, credentials: z.looseObject({}) as AnyProvider['credentials'] },
    caughtBy: ['manifest/catalog'],
  },
  {
    mistake: 'it tells event types that are not those of its events',
    provider: withWebhooks({ eventTypes: ['ticket.opened'] }),
    caughtBy: ['manifest/catalog'],
  },
  {
    mistake: 'it tells a choice twice',
    provider: choosing('https://eu.helpdesk.example', 'https://eu.helpdesk.example'),
    caughtBy: ['manifest/choices'],
  },
  {
    mistake: 'it tells a choice that its settings refuse',
    provider: choosing('eu'),
    caughtBy: ['manifest/choices'],
  },
  { mistake: 'its test asks nobody', provider: { ...helpdesk, test: async () => {} }, caughtBy: ['test/asks'] },
  {
    mistake: 'its test takes a refusal for success',
    provider: { ...helpdesk, test: (adapter) => helpdesk.test(adapter as never).catch(() => {}) },
    caughtBy: ['test/refused', 'test/unreachable'],
  },
  {
    mistake: 'its test takes silence for a refusal',
    provider: {
      ...helpdesk,
      test: (adapter) =>
        helpdesk.test(adapter as never).catch(() => Promise.reject(new AuthenticationError('That did not work.'))),
    },
    caughtBy: ['test/unreachable'],
  },
  {
    mistake: 'it declares its token to be no secret',
    provider: {
      ...helpdesk,
      credentials: z.strictObject({ token: field(tokenSchema, { label: 'API token', secret: false }) }),
    },
    caughtBy: ['secrecy/nowhere'],
  },
  {
    mistake: 'it takes a refused token for a mistake of the request',
    provider: taking(401, 400),
    caughtBy: ['test/refused', 'answers/unauthorized'],
  },
  {
    mistake: 'it takes a lack of permission for a refused token',
    provider: taking(403, 401),
    caughtBy: ['answers/forbidden'],
  },
  {
    mistake: 'it does not hear how long it should wait',
    provider: misreading(({ headers }) => ({ headers: { ...headers, 'retry-after': '' } })),
    caughtBy: ['answers/rate-limited'],
  },
  { mistake: 'it takes a limit for an outage', provider: taking(429, 503), caughtBy: ['answers/rate-limited'] },
  {
    mistake: 'it takes an outage for a mistake of the request',
    provider: taking(503, 400),
    caughtBy: ['answers/unavailable', 'test/unreachable'],
  },
  {
    mistake: 'it takes an answer that it can not read for an empty list',
    provider: withTickets(async (adapter, request) =>
      resources.tickets.fetch(adapter, request).catch(() => ({ items: [], cursor: null, hasMore: false })),
    ),
    caughtBy: ['answers/cut-off', 'answers/unauthorized', 'answers/unavailable'],
  },
  {
    mistake: 'it always says that there is more',
    provider: withTickets(async (_adapter, { cursor }) => ({ items: [], cursor: Number(cursor) + 1, hasMore: true })),
    caughtBy: ['paging/ends', 'paging/circles'],
  },
  {
    mistake: 'it answers the cursor that it was given',
    provider: spoiling((page, { cursor }) => ({ ...page, cursor: cursor ?? { page: 1 }, hasMore: true })),
    caughtBy: ['paging/ends'],
  },
  {
    mistake: 'it drops the first item of each further page',
    provider: spoiling((page, { cursor }) => ({ ...page, items: cursor === null ? page.items : page.items.slice(1) })),
    caughtBy: ['paging/complete', 'paging/cursor'],
  },
  {
    mistake: 'it delivers the last item of a page twice',
    provider: spoiling((page) => ({ ...page, items: [...page.items, ...page.items.slice(-1)] })),
    caughtBy: ['paging/complete'],
  },
  {
    mistake: 'it stops after the first page',
    provider: spoiling((page) => ({ ...page, cursor: null, hasMore: false })),
    caughtBy: ['paging/complete'],
  },
  {
    mistake: 'its adapter remembers where it is, and not the cursor',
    provider: {
      ...helpdesk,
      build(context) {
        const adapter = helpdesk.build(context)
        let page = 0
        return { ...adapter, listTickets: async (_page, signal) => adapter.listTickets(++page, signal) }
      },
    } as Helpdesk,
    caughtBy: ['paging/cursor'],
  },
  {
    mistake: 'it is declared incremental, and starts over',
    provider: spoiling((page) => (page.hasMore ? page : { ...page, cursor: { isOver: true } }), true),
    caughtBy: ['paging/increment'],
  },
  {
    mistake: 'it pages until a page is empty, whatever it is given',
    provider: withTickets(async (adapter, { cursor }) => {
      const page = Number(cursor ?? 1)
      const { tickets } = await adapter.listTickets(page)
      return { items: tickets, cursor: page + 1, hasMore: tickets.length > 0 }
    }),
    caughtBy: ['paging/circles'],
  },
  {
    mistake: 'it knows no types of events',
    provider: withWebhooks({ eventType: () => 'unknown' }),
    caughtBy: ['webhooks/accepted'],
  },
  {
    mistake: 'it reads an event as another',
    provider: withWebhooks({ parse: (delivery) => ({ ...webhooks.parse(delivery), type: 'ticket.closed' }) }),
    caughtBy: ['webhooks/accepted'],
  },
  {
    mistake: 'it believes everybody',
    provider: withWebhooks({ signature: { kind: 'custom', verify: () => true } }),
    caughtBy: ['webhooks/rejected'],
  },
  {
    mistake: 'it believes what was signed a week ago',
    provider: withWebhooks({
      signature: { ...webhooks.signature, timestamp: { from: { field: 't' }, toleranceMs: 604_800_000 } } as never,
    }),
    caughtBy: ['webhooks/stale'],
  },
  {
    mistake: 'it takes the signature for the id of a delivery',
    provider: withWebhooks({ deliveryId: { header: 'stripe-signature', isSigned: true } }),
    caughtBy: ['webhooks/duplicate'],
  },
  {
    mistake: 'it reads whatever comes as an event',
    provider: withWebhooks({
      parse: () => ({ id: 'e', type: 'ticket.opened', ticket: { id: 't', subject: '', status: 'open' } }),
    }),
    caughtBy: ['webhooks/malformed'],
  },
]
