import { shopFamily, shopMethods } from '../../families/shop/index.ts'
import { apiKey, defineProvider } from '../kit/index.ts'
import { createShopifyAdapter } from './shopify-adapter.ts'
import { shopifyVersion } from './shopify-api.ts'
import { shopifyCredentials } from './shopify-credentials.ts'
import { shopifyErrors } from './shopify-errors.ts'
import { shopifyEvents } from './shopify-events.ts'
import { shopifyOAuth } from './shopify-oauth.ts'
import { shopifySettings } from './shopify-settings.ts'
import { shopifySubscriptions } from './shopify-subscriptions.ts'

/** The provider, for shops that are found at an origin: a tenant can't choose it, because tokens are sent there. */
export function defineShopify(originOf: (shop: string) => string) {
  return defineProvider({
    family: 'shop',
    name: 'shopify',
    familyPresentation: shopFamily,
    label: 'Shopify',
    version: '1.0.0',
    description: 'Orders, products and customers of a Shopify shop.',
    docsUrl: 'https://help.shopify.com/en/manual/apps/app-types/custom-apps',
    allowMultiple: true,
    credentials: shopifyCredentials,
    settings: shopifySettings,
    implements: shopMethods,
    http: {
      baseUrl: ({ shop }) => `${originOf(shop)}/admin/api/${shopifyVersion}`,
      auth: ({ accessToken }) => apiKey(accessToken, { header: 'x-shopify-access-token' }),
      errors: shopifyErrors,
    },
    adapter: createShopifyAdapter,
    test: (adapter) => adapter.getShop(),
    resources: {
      orders: { incremental: true, fetch: (adapter, request) => adapter.getOrders(request) },
      products: { incremental: true, fetch: (adapter, request) => adapter.getProducts(request) },
      customers: { incremental: true, fetch: (adapter, request) => adapter.getCustomers(request) },
    },
    webhooks: shopifyEvents,
    subscriptions: shopifySubscriptions,
    oauth: shopifyOAuth(originOf),
  })
}
