import { createHmac } from 'node:crypto'
import { woocommerce } from 'bapp-connectors/providers/woocommerce'
import { registerProviderContract } from 'bapp-connectors/testing'
import { describe, test } from 'vitest'
import { startWooCommerceServer, wooOrder, wooProduct } from '../../support/woocommerce-server.ts'

const headers = { 'x-wc-webhook-topic': 'order.updated', 'x-wc-webhook-source': 'https://shop.example/' }

registerProviderContract({ describe, test }, woocommerce, {
  async start() {
    const count = 250
    const { storeUrl, service, store } = await startWooCommerceServer({
      orderCount: count,
      productCount: count,
      customerCount: count,
    })
    return {
      service,
      credentials: { consumer_key: 'ck_globex', consumer_secret: 'cs_secret_of_globex', store_url: storeUrl },
      secrets: ['cs_secret_of_globex'],
      items: {
        orders: [...store.orders.keys()],
        products: [...store.products.keys()],
        customers: [...store.customers.keys()],
      },
    }
  },
  call: (adapter) => adapter.getOrder('1'),
  webhooks: {
    secret: 'secret of the webhook',
    // `WC_Webhook::generate_signature()`
    sign: ({ rawBody, secret }) => ({
      'x-wc-webhook-signature': createHmac('sha256', secret).update(rawBody).digest('base64'),
    }),
    deliveries: [
      {
        type: 'order.updated',
        body: wooOrder(1, '2026-01-01T00:00:00'),
        headers: { ...headers, 'x-wc-webhook-delivery-id': 'd1' },
      },
      {
        type: 'order.updated',
        body: wooOrder(1, '2026-01-02T00:00:00'),
        headers: { ...headers, 'x-wc-webhook-delivery-id': 'd2' },
      },
      {
        type: 'product.created',
        body: wooProduct(1, '2026-01-01T00:00:00'),
        headers: { ...headers, 'x-wc-webhook-topic': 'product.created', 'x-wc-webhook-delivery-id': 'd3' },
      },
    ],
  },
})
