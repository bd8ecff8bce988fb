import { ConnectorsError } from '../../core/domain/errors.ts'
import type { WebhookSubscription, WebhookSubscriptions } from '../../core/domain/provider.ts'
import { type WooCommerceTopic, woocommerceTopics } from './woocommerce-events.ts'
import type { WooCommerceWebhook } from './woocommerce-webhook.ts'

/** The methods that subscriptions need. */
interface Webhooks {
  listWebhooks(): Promise<readonly WooCommerceWebhook[]>
  registerWebhook(webhook: {
    readonly topic: WooCommerceTopic
    readonly deliveryUrl: string
    readonly secret: string
  }): Promise<WooCommerceWebhook>
  activateWebhook(externalId: string, change: { readonly secret: string }): Promise<WooCommerceWebhook>
  deleteWebhook(externalId: string): Promise<void>
}

/** A webhook for each topic: https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks */
export const woocommerceSubscriptions: WebhookSubscriptions<Webhooks> = {
  secret: 'given',
  list: async (adapter, url) => (await at(adapter, url)).map(toSubscription),
  put: async (adapter, { url, events, secret }) => {
    const topics = topicsOf(events)
    const present = await at(adapter, url)
    const put: WebhookSubscription[] = []
    for (const topic of topics) {
      const known = present.find((webhook) => webhook.topic === topic)
      // A secret is given: see above.
      const own = { secret: secret ?? '' }
      put.push(
        toSubscription(
          await (known === undefined
            ? adapter.registerWebhook({ topic, deliveryUrl: url, ...own })
            : adapter.activateWebhook(known.externalId, own)),
        ),
      )
    }
    return put
  },
  remove: (adapter, id) => adapter.deleteWebhook(id),
}

async function at(adapter: Webhooks, url: string): Promise<readonly WooCommerceWebhook[]> {
  return (await adapter.listWebhooks()).filter(({ deliveryUrl }) => deliveryUrl === url)
}

function topicsOf(events: readonly string[]): readonly WooCommerceTopic[] {
  const topics = events.flatMap((event) => {
    const found = woocommerceTopics.filter(
      (topic) => event === '*' || event === topic || (event.endsWith('.*') && topic.startsWith(event.slice(0, -1))),
    )
    if (found.length > 0) return found
    throw new ConnectorsError(
      'INVALID_INPUT',
      `There is no topic "${event}"; there are: ${woocommerceTopics.join(', ')}.`,
    )
  })
  return [...new Set(topics)]
}

function toSubscription({ externalId, topic, deliveryUrl, status }: WooCommerceWebhook): WebhookSubscription {
  return { id: externalId, url: deliveryUrl, events: [topic], isActive: status === 'active' }
}
