import { createHmac } from 'node:crypto'
import { registerProviderContract } from 'bapp-connectors/testing'
import { describe, test } from 'vitest'
import { defineShopify } from '../../../src/providers/shopify/define-shopify.ts'
import { shopifyToken, startShopifyServer } from '../../support/shopify-server.ts'

// A tenant can't choose where its shop is: the tests say it to the provider.
let origin = ''

const headers = {
  'x-shopify-shop-domain': 'acme.myshopify.com',
  'x-shopify-api-version': '2026-01',
  'x-shopify-webhook-id': 'b54557e4-bdd9-4b37-8a5f-bf7d70bcd043',
}

registerProviderContract(
  { describe, test },
  defineShopify(() => origin),
  {
    async start() {
      const { service, store } = await startShopifyServer({ count: 250 })
      origin = service.origin
      return {
        service,
        credentials: { accessToken: shopifyToken, apiSecretKey: 'secret_of_the_app' },
        settings: { shop: 'acme.myshopify.com' },
        secrets: [shopifyToken, 'secret_of_the_app'],
        items: {
          orders: [...store.orders.keys()],
          products: [...store.products.keys()],
          customers: [...store.customers.keys()],
        },
      }
    },
    call: (adapter) => adapter.getOrder('1'),
    says: {
      // Needs 12,000 points more, of which 100 a second come back.
      rateLimited: {
        status: 200,
        body: {
          errors: [
            {
              message: 'Throttled',
              extensions: { code: 'THROTTLED', documentation: 'https://shopify.dev/api/usage/rate-limits' },
            },
          ],
          extensions: {
            cost: {
              requestedQueryCost: 12_066,
              actualQueryCost: null,
              throttleStatus: { maximumAvailable: 20_000, currentlyAvailable: 66, restoreRate: 100 },
            },
          },
        },
      },
      forbidden: {
        status: 200,
        body: {
          errors: [
            {
              message: 'Access denied for orders field. Required access: `read_orders` access scope.',
              path: ['orders'],
              extensions: { code: 'ACCESS_DENIED' },
            },
          ],
          data: null,
        },
      },
      unavailable: {
        status: 200,
        body: { errors: [{ message: 'Internal error', extensions: { code: 'INTERNAL_SERVER_ERROR' } }] },
      },
    },
    webhooks: {
      secret: 'secret_of_the_app',
      sign: ({ rawBody, secret }) => ({
        'x-shopify-hmac-sha256': createHmac('sha256', secret).update(rawBody).digest('base64'),
      }),
      deliveries: [
        {
          type: 'order.created',
          headers: { ...headers, 'x-shopify-topic': 'orders/create' },
          body: { id: 820982911946154508n.toString(), admin_graphql_api_id: 'gid://shopify/Order/820982911946154508' },
        },
        {
          type: 'app.uninstalled',
          headers: { ...headers, 'x-shopify-topic': 'app/uninstalled' },
          body: { id: 548380009, name: 'Acme', myshopify_domain: 'acme.myshopify.com' },
        },
      ],
    },
  },
)
