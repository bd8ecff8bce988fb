import type { SubscriptionRequest, WebhookSubscription, WebhookSubscriptions } from '../../core/domain/provider.ts'

/** A webhook of a repository. */
export interface GitHubWebhook {
  readonly id: number
  readonly url: string
  /** Names of events, without actions; `*` = all. */
  readonly events: readonly string[]
  readonly isActive: boolean
}

/** What a webhook is to be. */
export interface GitHubWebhookRequest {
  readonly url: string
  readonly secret: string
  /** Names of events; default: all. */
  readonly events?: readonly string[]
}

/** The methods that subscriptions need. */
interface Webhooks {
  listWebhooks(): Promise<readonly GitHubWebhook[]>
  createWebhook(webhook: GitHubWebhookRequest): Promise<GitHubWebhook>
  updateWebhook(id: number, webhook: GitHubWebhookRequest): Promise<GitHubWebhook>
  deleteWebhook(id: number): Promise<void>
}

/** One webhook of the repository: https://docs.github.com/en/rest/repos/webhooks */
export const githubSubscriptions: WebhookSubscriptions<Webhooks> = {
  secret: 'given',
  list: async (adapter, url) => (await at(adapter, url)).map(toSubscription),
  put: async (adapter, { url, events, secret }) => {
    const [first] = await at(adapter, url)
    // A secret is given: see above.
    const webhook = { url, secret: secret ?? '', events: eventNames(events) }
    const put = await (first === undefined ? adapter.createWebhook(webhook) : adapter.updateWebhook(first.id, webhook))
    return [toSubscription(put)]
  },
  remove: (adapter, id) => adapter.deleteWebhook(Number(id)),
}

async function at(adapter: Webhooks, url: string): Promise<readonly GitHubWebhook[]> {
  return (await adapter.listWebhooks()).filter((webhook) => webhook.url === url)
}

/** GitHub knows no actions here: `issues.opened` comes with all others of `issues`. */
function eventNames(events: SubscriptionRequest['events']): readonly string[] {
  return [...new Set(events.map((event) => event.split('.')[0] ?? event))]
}

function toSubscription({ id, url, events, isActive }: GitHubWebhook): WebhookSubscription {
  return { id: String(id), url, events, isActive }
}
