import type { Connectors } from '../core/connectors.ts'
import type { AnyProvider } from '../core/domain/provider.ts'
import type { TenantId } from '../core/domain/tenant.ts'
import { answer } from './answer.ts'
import { createOAuthRoute } from './oauth-route.ts'
import { createWebhookRoute } from './webhook-route.ts'

/** Answers what is its own; `null` for everything else. */
export type Route = (request: Request) => Promise<Response | null>

/** What the handler needs to know. */
export interface ConnectorsHandlerOptions<T extends TenantId> {
  /** Deliveries come to `{webhooksPath}/:connectionId` and `{webhooksPath}/:connectionId/:action`. */
  readonly webhooksPath: string
  /** Browsers come back to `{oauthPath}/callback/:provider`. */
  readonly oauthPath: string
  /** Begins to process a delivery that was stored; the answer doesn't wait for it. */
  readonly beginProcessing: (delivery: { readonly tenantId: T; readonly eventId: string }) => Promise<unknown>
  /** Told about what must not reach the sender: failures of the store, and of processing after the answer. */
  readonly report: (error: unknown, message: string) => void
}

/** `connectors.handler`: everything that comes in over HTTP. What no route knows is 404. Never rejects. */
export function createConnectorsHandler<T extends TenantId>(
  connectors: Pick<Connectors<AnyProvider, T>, 'operator'>,
  { webhooksPath, oauthPath, beginProcessing, report }: ConnectorsHandlerOptions<T>,
): (request: Request) => Promise<Response> {
  const routes: readonly Route[] = [
    createOAuthRoute(connectors.operator.oauth, { path: oauthPath, report }),
    createWebhookRoute(connectors.operator.webhooks, { path: webhooksPath, begin: beginProcessing, report }),
  ]
  return async (request) => {
    for (const route of routes) {
      const response = await route(request)
      if (response !== null) return response
    }
    return answer(404, 'not found')
  }
}
