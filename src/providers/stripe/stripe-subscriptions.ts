import { ConnectorsError } from '../../core/domain/errors.ts'
import type { WebhookSubscription, WebhookSubscriptions } from '../../core/domain/provider.ts'
import type { StripeAdapter, StripeWebhookEndpoint } from './stripe-adapter.ts'

type Endpoints = Pick<
  StripeAdapter,
  'listWebhookEndpoints' | 'createWebhookEndpoint' | 'updateWebhookEndpoint' | 'deleteWebhookEndpoint'
>

/** One endpoint, whose secret Stripe tells when it is made and never again: https://docs.stripe.com/api/webhook_endpoints */
export const stripeSubscriptions: WebhookSubscriptions<Endpoints> = {
  secret: 'told',
  list: async (adapter, url) => (await at(adapter, url)).map(toSubscription),
  put: async (adapter, { url, events, known, idempotencyKey }) => {
    const group = events.find((event) => event.endsWith('.*'))
    if (group !== undefined) {
      throw new ConnectorsError('INVALID_INPUT', `Stripe knows no groups such as ${group}: name the types, or "*".`)
    }
    // https://docs.stripe.com/api/webhook_endpoints/create#create_webhook_endpoint-enabled_events
    const eventTypes = events.includes('*') ? ['*'] : events
    // One that was made when this was interrupted is not among them: nobody has its secret.
    const kept = (await at(adapter, url)).find(({ id }) => known.includes(id))
    const put: StripeWebhookEndpoint & { readonly secret?: string } =
      kept === undefined
        ? await adapter.createWebhookEndpoint({ url, eventTypes, idempotencyKey })
        : await adapter.updateWebhookEndpoint(kept.id, { eventTypes, idempotencyKey })
    return [{ ...toSubscription(put), ...(put.secret !== undefined && { secret: put.secret }) }]
  },
  remove: (adapter, id) => adapter.deleteWebhookEndpoint(id),
}

async function at(adapter: Endpoints, url: string): Promise<readonly StripeWebhookEndpoint[]> {
  return (await adapter.listWebhookEndpoints()).filter((endpoint) => endpoint.url === url)
}

function toSubscription({ id, url, eventTypes, isEnabled }: StripeWebhookEndpoint): WebhookSubscription {
  return { id, url, events: eventTypes, isActive: isEnabled }
}
