import { signatures } from 'bapp-connectors/providers'
import { signWebhook } from 'bapp-connectors/testing'
import { wooOrder } from '../../test/support/woocommerce-server.ts'
import type { DemoConnection } from './connect-demo-tenants.ts'
import type { DemoClock } from './demo-clock.ts'
import type { DemoConnectors } from './demo-connectors.ts'

type WebhookScheme = Parameters<typeof signWebhook>[0]

/** Plays the providers that deliver webhooks, signed as they sign them. */
export function demoDeliveries(connectors: DemoConnectors, clock: DemoClock) {
  let count = 0
  const send = (to: DemoConnection, scheme: WebhookScheme, body: object, headers: Record<string, string>) => {
    const rawBody = Buffer.from(JSON.stringify(body))
    const signature = signWebhook(scheme, { rawBody, secret: to.webhookSecret, now: clock.now() })
    const delivery = { headers: { 'content-type': 'application/json', ...headers, ...signature }, body: rawBody }
    return connectors.operator.webhooks.receive(to.id, delivery)
  }
  return {
    /** E.g. `order.updated`. */
    shop: (to: DemoConnection, topic: string, orderId: number) => {
      count += 1
      const at = clock.now().toISOString().slice(0, 19)
      // What is gone is told by its id alone.
      const body = topic.endsWith('.deleted') ? { id: orderId } : wooOrder(orderId, at)
      return send(to, signatures.wooCommerce, body, {
        'x-wc-webhook-topic': topic,
        'x-wc-webhook-delivery-id': `delivery-${count}`,
        'x-wc-webhook-source': 'https://shop.example/',
      })
    },
    /** E.g. `payment_intent.succeeded`. */
    bank: (to: DemoConnection, type: string, object: object) => {
      count += 1
      const created = Math.floor(clock.now().getTime() / 1_000)
      const event = { id: `evt_${count}`, object: 'event', type, created, livemode: false, data: { object } }
      return send(to, signatures.stripe, event, {})
    },
  }
}
