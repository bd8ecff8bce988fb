import { z } from 'zod'
import { paymentFamily, paymentMethods } from '../../families/payment/index.ts'
import { bearer, defineProvider, field } from '../kit/index.ts'
import { createStripeAdapter } from './stripe-adapter.ts'
import { createStripeApi, stripeVersion } from './stripe-api.ts'
import { stripeErrors } from './stripe-errors.ts'
import { createStripeFeeds } from './stripe-feeds.ts'
import { stripeSubscriptions } from './stripe-subscriptions.ts'
import { stripeWebhooks } from './stripe-webhooks.ts'

export type { NewPaymentIntent, StripeAdapter, StripeWebhookEndpoint } from './stripe-adapter.ts'
export type { StripeCharge } from './stripe-charge.ts'
export type { StripeEvent } from './stripe-event.ts'

/**
 * Stripe, by secret or restricted key (API version 2025-07-30.basil).
 *
 * Resources: `payments` (payment intents), `charges`, `refunds`, `payers` (customers), which after a first listing follow
 * what changes, and `events`. A restricted key needs read access to what is asked for, and to events for each of them.
 */
export const stripe = defineProvider({
  family: 'payment',
  name: 'stripe',
  familyPresentation: paymentFamily,
  label: 'Stripe',
  description: 'Payments, refunds and customers of a Stripe account.',
  version: '1.0.0',
  docsUrl: 'https://docs.stripe.com/keys',
  allowMultiple: true,
  credentials: z.object({
    secretKey: field(
      z.string().regex(/^(?:sk|rk)_(?:live|test)_\w+$/, 'must be a secret key (sk_…) or a restricted key (rk_…)'),
      {
        label: 'Secret key',
        help: 'Developers → API keys in the Stripe dashboard. A restricted key is enough.',
        placeholder: 'rk_live_…',
        secret: true,
        order: 1,
      },
    ),
  }),
  settings: z.strictObject({
    accountId: field(
      z
        .string()
        .regex(/^acct_\w+$/, 'must be the id of a connected account (acct_…)')
        .optional(),
      {
        label: 'Connected account',
        help: 'Only for platforms: the account on whose behalf requests are made.',
        placeholder: 'acct_…',
        order: 1,
      },
    ),
    baseUrl: field(z.url({ protocol: /^https?$/ }).default('https://api.stripe.com'), {
      label: 'Address of the API',
      help: 'Leave it as it is, unless requests go through a proxy of yours.',
      order: 2,
    }),
  }),
  // A sandbox takes 25 a second, an account in live mode 100: https://docs.stripe.com/rate-limits
  rateLimit: { requestsPerSecond: 20, burst: 20 },
  implements: paymentMethods,
  http: {
    baseUrl: ({ baseUrl }) => baseUrl,
    auth: ({ secretKey }) => bearer(secretKey),
    headers: { 'stripe-version': stripeVersion, 'user-agent': 'bapp-connectors' },
    errors: stripeErrors,
  },
  adapter: ({ http, settings, now }) => {
    const api = createStripeApi(http, settings.accountId)
    return createStripeAdapter(api, createStripeFeeds(api, now))
  },
  test: (adapter) => adapter.testConnection(),
  resources: {
    payments: { incremental: true, fetch: (adapter, request) => adapter.getPayments(request) },
    charges: { incremental: true, fetch: (adapter, request) => adapter.getCharges(request) },
    refunds: { incremental: true, fetch: (adapter, request) => adapter.getRefunds(request) },
    payers: { label: 'Customers', incremental: true, fetch: (adapter, request) => adapter.getPayers(request) },
    events: { incremental: true, fetch: (adapter, request) => adapter.getEvents(request) },
  },
  webhooks: stripeWebhooks,
  subscriptions: stripeSubscriptions,
})
