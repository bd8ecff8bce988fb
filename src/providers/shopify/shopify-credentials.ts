import { z } from 'zod'
import { field } from '../../core/domain/field.ts'

const token = z.string().regex(/^[\x21-\x7e]+$/, 'must be a token without spaces')

/** An Admin API token of a custom app, or what a consent page led to. */
export const shopifyCredentials = z.strictObject({
  accessToken: field(token, {
    label: 'Admin API access token',
    help: 'Of a custom app: Shopify > Settings > Apps > Develop apps. Scopes: read_orders, read_products, read_customers; write_… to change things.',
    placeholder: 'shpat_…',
    secret: true,
  }),
  apiSecretKey: field(token.optional(), {
    label: 'API secret key',
    help: 'Of the same custom app. Only needed to register webhooks: Shopify signs with it. Not needed after a consent page.',
    secret: true,
  }),
  refreshToken: field(token.optional(), {
    label: 'Refresh token',
    help: 'Comes with the consent page; a custom app has none.',
    secret: true,
  }),
  expiresAt: field(z.iso.datetime().optional(), {
    label: 'Expires',
    help: 'Comes with the consent page.',
    secret: false,
  }),
})
