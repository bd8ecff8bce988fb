import { createHmac } from 'node:crypto'
import { stripe } from 'bapp-connectors/providers/stripe'
import { registerProviderContract } from 'bapp-connectors/testing'
import { describe, test } from 'vitest'
import { startStripeServer } from '../../support/stripe-server.ts'

const event = {
  id: 'evt_1',
  object: 'event',
  api_version: '2025-07-30.basil',
  type: 'customer.updated',
  created: 1_767_225_600,
  livemode: false,
  data: { object: { id: 'cus_1' } },
}

registerProviderContract({ describe, test }, stripe, {
  now: new Date('2026-01-01T00:00:00Z'),
  async start() {
    const server = await startStripeServer()
    server.clock = Date.parse('2025-12-31T00:00:00Z') / 1_000
    const numbers = Array.from({ length: 230 }, (_, index) => index + 1)
    const money = { amount: 100, amount_refunded: 0, currency: 'eur', status: 'succeeded' }
    for (const number of numbers) {
      server.put('payment_intents', { id: `pi_${number}`, ...money }, 'payment_intent.created')
      server.put('charges', { id: `ch_${number}`, ...money, captured: true, payment_intent: `pi_${number}` })
      server.put('refunds', { id: `re_${number}`, ...money, payment_intent: `pi_${number}` })
      server.put('customers', { id: `cus_${number}`, email: null, name: null })
    }
    const ids = (prefix: string) => numbers.map((number) => `${prefix}_${number}`)
    return {
      service: server,
      credentials: { secretKey: 'sk_test_acme' },
      settings: { baseUrl: server.origin },
      secrets: ['sk_test_acme'],
      items: { payments: ids('pi'), charges: ids('ch'), refunds: ids('re'), payers: ids('cus'), events: ids('evt') },
    }
  },
  call: (adapter) => adapter.getPayment('pi_1'),
  webhooks: {
    secret: 'whsec_of_acme',
    // https://docs.stripe.com/webhooks#verify-manually
    sign({ rawBody, secret, now }) {
      const t = Math.floor(now.getTime() / 1_000)
      const v1 = createHmac('sha256', secret).update(`${t}.`).update(rawBody).digest('hex')
      return { 'stripe-signature': `t=${t},v1=${v1}` }
    },
    deliveries: [
      { type: 'customer.updated', body: event },
      { type: 'customer.created', body: { ...event, id: 'evt_2', type: 'customer.created' } },
    ],
  },
})
