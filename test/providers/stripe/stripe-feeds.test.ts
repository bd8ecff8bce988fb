import { describe, expect, it, onTestFinished } from 'vitest'
import type { Json } from '../../../src/core/domain/json.ts'
import type { AdapterOf, ResourceOf } from '../../../src/core/domain/provider.ts'
import { stripe } from '../../../src/providers/stripe/stripe.ts'
import { createProviderContext } from '../../support/provider-context.ts'
import { type StripeServer, startStripeServer } from '../../support/stripe-server.ts'

async function given(): Promise<{ server: StripeServer; adapter: AdapterOf<typeof stripe> }> {
  const server = await startStripeServer()
  onTestFinished(server.close)
  // Everything on the server is old enough to be settled.
  const { context } = createProviderContext({ clock: () => new Date((server.clock + 3_600) * 1_000) })
  const settings = stripe.settings.parse({ baseUrl: server.origin })
  return { server, adapter: stripe.build({ ...context, credentials: { secretKey: 'sk_test_acme' }, settings }) }
}

/** Runs to the end, as a sync does; `between` is called after each page. */
async function drain(
  adapter: AdapterOf<typeof stripe>,
  resource: ResourceOf<typeof stripe>,
  cursor: Json,
  between: (page: number) => void = () => {},
) {
  const ids: string[] = []
  for (let page = 1; page <= 30; page += 1) {
    const fetched = await stripe.resources[resource].fetch(adapter, { cursor, signal: new AbortController().signal })
    ids.push(...fetched.items.map((item) => ('externalId' in item ? item.externalId : item.id)))
    // A cursor is stored as JSON text.
    cursor = JSON.parse(JSON.stringify(fetched.cursor)) as Json
    between(page)
    if (!fetched.hasMore) return { ids, cursor }
  }
  throw new Error('the sync does not end')
}

const intent = (id: string, status = 'succeeded') => ({ id, amount: 1_000, currency: 'eur', status })
const customer = (number: number) => ({ id: `cus_${number}`, email: `${number}@acme.test` })

describe('the first run over payments', () => {
  it('lists all of them once, however many pages there are', async () => {
    const { server, adapter } = await given()
    for (let n = 1; n <= 230; n += 1) server.put('payment_intents', intent(`pi_${n}`), 'payment_intent.created')
    const { ids } = await drain(adapter, 'payments', null)
    expect(ids).toHaveLength(230)
    expect(new Set(ids).size).toBe(230)
  })

  it('also delivers what is made and what changes while it pages', async () => {
    const { server, adapter } = await given()
    for (let n = 1; n <= 230; n += 1) server.put('payment_intents', intent(`pi_${n}`), 'payment_intent.created')
    const { ids } = await drain(adapter, 'payments', null, (page) => {
      if (page === 1) {
        server.put('payment_intents', intent('pi_new'), 'payment_intent.created')
        server.put('payment_intents', intent('pi_230', 'canceled'), 'payment_intent.canceled')
      }
    })
    expect(new Set(ids)).toEqual(new Set([...Array.from({ length: 230 }, (_, n) => `pi_${n + 1}`), 'pi_new']))
    expect(ids.filter((id) => id === 'pi_new')).toHaveLength(1)
    // Once as it was, once as it became.
    expect(ids.filter((id) => id === 'pi_230')).toHaveLength(2)
  })

  it('ends on an empty account, and finds the first payment later', async () => {
    const { server, adapter } = await given()
    const first = await drain(adapter, 'payments', null)
    expect(first.ids).toEqual([])
    expect(first.cursor).not.toBeNull()
    server.put('payment_intents', intent('pi_1'), 'payment_intent.created')
    expect((await drain(adapter, 'payments', first.cursor)).ids).toEqual(['pi_1'])
  })
})

describe('the runs that follow', () => {
  it('deliver only what changed, as it is now, once', async () => {
    const { server, adapter } = await given()
    for (let n = 1; n <= 5; n += 1)
      server.put('payment_intents', intent(`pi_${n}`, 'processing'), 'payment_intent.created')
    const first = await drain(adapter, 'payments', null)
    server.put('payment_intents', intent('pi_2', 'requires_action'), 'payment_intent.requires_action')
    server.put('payment_intents', intent('pi_2', 'succeeded'), 'payment_intent.succeeded')
    const page = await adapter.getPayments({ cursor: first.cursor })
    expect(page.items).toMatchObject([{ externalId: 'pi_2', status: 'succeeded' }])
    expect((await drain(adapter, 'payments', page.cursor)).ids).toEqual([])
  })

  it('notice a refund by the charge that it changes', async () => {
    const { server, adapter } = await given()
    server.put('payment_intents', { ...intent('pi_1'), latest_charge: { id: 'ch_1', amount_refunded: 0 } })
    const first = await drain(adapter, 'payments', null)
    server.put('payment_intents', { ...intent('pi_1'), latest_charge: { id: 'ch_1', amount_refunded: 250 } })
    server.put('charges', { id: 'ch_1', payment_intent: 'pi_1' }, 'charge.refunded')
    const { items } = await adapter.getPayments({ cursor: first.cursor })
    expect(items).toMatchObject([{ externalId: 'pi_1', amountRefunded: { amount: '2.50', currency: 'EUR' } }])
  })

  it('miss nothing of hundreds of changes, also those that come in while they are read', async () => {
    const { server, adapter } = await given()
    server.put('customers', customer(0), 'customer.created')
    const first = await drain(adapter, 'payers', null)
    for (let n = 1; n <= 150; n += 1) server.put('customers', customer(n), 'customer.created')
    const second = await drain(adapter, 'payers', first.cursor, (page) => {
      if (page === 1) for (let n = 151; n <= 200; n += 1) server.put('customers', customer(n), 'customer.created')
    })
    expect(second.ids).toEqual(Array.from({ length: 200 }, (_, n) => `cus_${n + 1}`))
  })

  it('leave out what was deleted since', async () => {
    const { server, adapter } = await given()
    server.put('customers', customer(0), 'customer.created')
    const first = await drain(adapter, 'payers', null)
    server.put('customers', customer(1), 'customer.created')
    server.put('customers', customer(2), 'customer.created')
    server.put('customers', customer(3), 'customer.created')
    server.remove('customers', 'cus_1')
    server.put('customers', { id: 'cus_2', deleted: true })
    expect((await drain(adapter, 'payers', first.cursor)).ids).toEqual(['cus_3'])
  })

  it('list everything anew once the events they would follow are dropped', async () => {
    const { server, adapter } = await given()
    server.put('customers', customer(1), 'customer.created')
    const first = await drain(adapter, 'payers', null)
    server.put('customers', customer(2), 'customer.created')
    server.forgetEvents()
    expect(new Set((await drain(adapter, 'payers', first.cursor)).ids)).toEqual(new Set(['cus_1', 'cus_2']))
  })

  it('wait until an event is ten seconds old, for another one may still come before it', async () => {
    const { server } = await given()
    const { context } = createProviderContext({ clock: () => new Date(server.clock * 1_000) })
    const settings = stripe.settings.parse({ baseUrl: server.origin })
    const adapter = stripe.build({ ...context, credentials: { secretKey: 'sk_test_acme' }, settings })
    const first = await drain(adapter, 'events', null)
    server.put('customers', customer(1), 'customer.created')
    const second = await drain(adapter, 'events', first.cursor)
    expect(second.ids).toEqual([])
    server.clock += 10
    expect((await drain(adapter, 'events', second.cursor)).ids).toHaveLength(1)
  })
})

describe('events', () => {
  it('come newest first in the first run, then oldest first, each once', async () => {
    const { server, adapter } = await given()
    for (let n = 1; n <= 120; n += 1) server.put('customers', customer(n), 'customer.created')
    const first = await drain(adapter, 'events', null, (page) => {
      if (page === 1) server.put('customers', customer(121), 'customer.created')
    })
    expect(first.ids).toHaveLength(121)
    expect(new Set(first.ids).size).toBe(121)
    for (let n = 122; n <= 124; n += 1) server.put('customers', customer(n), 'customer.created')
    expect((await drain(adapter, 'events', first.cursor)).ids).toEqual(['evt_122', 'evt_123', 'evt_124'])
  })

  it('start over once the cursor names one that is no longer kept', async () => {
    const { server, adapter } = await given()
    server.put('customers', customer(1), 'customer.created')
    const first = await drain(adapter, 'events', null)
    server.forgetEvents()
    server.put('customers', customer(2), 'customer.created')
    expect((await drain(adapter, 'events', first.cursor)).ids).toEqual(['evt_2'])
  })

  it('end with an error if the server answers one page for ever', async () => {
    const { server, adapter } = await given()
    server.intercept = (_request, response) => {
      const event = { id: 'evt_1', type: 'ping', livemode: false, created: 1, data: { object: {} } }
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ data: [event], has_more: true }))
      return true
    }
    await expect(drain(adapter, 'events', null)).rejects.toMatchObject({ code: 'PROVIDER_FAILED' })
  })
})
