import { z } from 'zod'

/**
 * The domain that Shopify gave a shop, in lower case. No other host will do: tokens and the secret of the application are
 * sent there. https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant
 */
export const shopDomainSchema = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9-]{0,99}\.myshopify\.com$/, 'must be the domain of a shop, e.g. acme.myshopify.com')
