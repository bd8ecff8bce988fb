import { ConnectorsError } from '../../core/domain/errors.ts'
import type { WebhookSubscription, WebhookSubscriptions } from '../../core/domain/provider.ts'
import { type ShopifyEventType, subscribable } from './shopify-topics.ts'
import type { ShopifyWebhook } from './shopify-webhook.ts'

/** The methods that subscriptions need. */
interface Webhooks {
  listWebhooks(): Promise<readonly ShopifyWebhook[]>
  registerWebhook(webhook: { readonly type: ShopifyEventType; readonly deliveryUrl: string }): Promise<ShopifyWebhook>
  webhookSecret(appSecret: string | null): Promise<string>
  deleteWebhook(id: string): Promise<void>
}

/** A webhook for each topic. Shopify signs with the secret of the app that made it: it is told with each. */
export const shopifySubscriptions: WebhookSubscriptions<Webhooks> = {
  secret: 'told',
  list: async (adapter, url) => (await at(adapter, url)).map(toSubscription),
  async put(adapter, { url, events, appSecret }) {
    const types = typesOf(events)
    const secret = await adapter.webhookSecret(appSecret)
    const present = await at(adapter, url)
    const put: (WebhookSubscription & { readonly secret: string })[] = []
    for (const type of types) {
      const known = present.find((webhook) => webhook.type === type)
      const webhook = known ?? (await adapter.registerWebhook({ type, deliveryUrl: url }))
      put.push({ ...toSubscription(webhook), secret })
    }
    return put
  },
  remove: (adapter, id) => adapter.deleteWebhook(id),
}

async function at(adapter: Webhooks, url: string): Promise<readonly ShopifyWebhook[]> {
  return (await adapter.listWebhooks()).filter(({ deliveryUrl }) => deliveryUrl === url)
}

function typesOf(events: readonly string[]): readonly ShopifyEventType[] {
  const types = events.flatMap((event) => {
    const found = subscribable.filter(
      (type) => event === '*' || event === type || (event.endsWith('.*') && type.startsWith(event.slice(0, -1))),
    )
    if (found.length > 0) return found
    throw new ConnectorsError(
      'INVALID_INPUT',
      `Shopify delivers no "${event}" here; there are: ${subscribable.join(', ')}.`,
    )
  })
  return [...new Set(types)]
}

function toSubscription({ id, type, deliveryUrl }: ShopifyWebhook): WebhookSubscription {
  return { id, url: deliveryUrl, events: [type], isActive: true }
}
