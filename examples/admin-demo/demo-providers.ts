import { startGitHubReplayServer } from '../../test/support/github-replay-server.ts'
import { startStripeServer } from '../../test/support/stripe-server.ts'
import { startWooCommerceServer } from '../../test/support/woocommerce-server.ts'

/** Starts the providers of the demo on loopback ports: a shop, a payment service, and GitHub replayed from recordings. */
export async function startDemoProviders() {
  const [woocommerce, stripe, github] = await Promise.all([
    startWooCommerceServer({ orderCount: 60, productCount: 40, customerCount: 20 }),
    startStripeServer(),
    startGitHubReplayServer(['get-root', 'paginate-issues'], { recordings: 'raw' }),
  ])
  return {
    woocommerce,
    stripe,
    github,
    close: async () => {
      await Promise.all([woocommerce.close(), stripe.close(), github.close()])
    },
  }
}

/** The providers of the demo. */
export type DemoProviders = Awaited<ReturnType<typeof startDemoProviders>>
