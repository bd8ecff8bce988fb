import { randomBytes } from 'node:crypto'
import { github } from 'bapp-connectors/providers/github'
import { stripe } from 'bapp-connectors/providers/stripe'
import { woocommerce } from 'bapp-connectors/providers/woocommerce'
import type { DemoConnectors } from './demo-connectors.ts'
import type { DemoProviders } from './demo-providers.ts'

/** The tenants of the demo. */
export const demoTenants = ['acme', 'globex', 'initech', 'umbrella', 'northwind'] as const

/** One of them. */
export type DemoTenant = (typeof demoTenants)[number]

/** A connection of the demo, with what it was made from. */
export interface DemoConnection {
  readonly id: string
  readonly tenantId: DemoTenant
  /** What the provider knows the tenant by: accepted until the demo takes it back. */
  readonly key: string
  readonly webhookSecret: string
  /** Everything about it that must never be shown. */
  readonly secrets: readonly string[]
}

/** The repository of the recordings: made for them, as its name says. */
const repository = 'octokit-fixture-org/tmp-scenario-paginate-issues-20220719043836917-izyoe'

/** Connects accounts of tenants to the providers. None of them is tested yet. */
export function demoAccounts(
  connectors: DemoConnectors,
  { woocommerce: shop, stripe: bank, github: code }: DemoProviders,
) {
  const random = () => randomBytes(12).toString('hex')
  return {
    shop: async (tenantId: DemoTenant, displayName: string): Promise<DemoConnection> => {
      const [key, secret, webhookSecret] = [`ck_${random()}`, `cs_${random()}`, `woo-${random()}`]
      shop.keys.set(key, { secret, permissions: 'read_write' })
      const { id } = await connectors.forTenant(tenantId).connections.create(woocommerce, {
        displayName,
        credentials: { consumer_key: key, consumer_secret: secret, store_url: shop.storeUrl },
        settings: { currency: 'EUR', prices_include_vat: true },
        webhookSecret,
      })
      return { id, tenantId, key, webhookSecret, secrets: [key, secret, webhookSecret] }
    },
    bank: async (tenantId: DemoTenant, displayName: string): Promise<DemoConnection> => {
      const [key, webhookSecret] = [`sk_test_${random()}`, `whsec_${random()}`]
      bank.keys.add(key)
      const { id } = await connectors.forTenant(tenantId).connections.create(stripe, {
        displayName,
        credentials: { secretKey: key },
        settings: { baseUrl: bank.origin },
        webhookSecret,
      })
      return { id, tenantId, key, webhookSecret, secrets: [key, webhookSecret] }
    },
    code: async (tenantId: DemoTenant, displayName: string): Promise<DemoConnection> => {
      const [key, webhookSecret] = [`ghp_${random()}`, `hub-${random()}`]
      const { id } = await connectors.forTenant(tenantId).connections.create(github, {
        displayName,
        credentials: { token: key },
        settings: { baseUrl: code.origin, repository },
        webhookSecret,
      })
      return { id, tenantId, key, webhookSecret, secrets: [key, webhookSecret] }
    },
  }
}
