import type { TenantId } from '../../core/domain/tenant.ts'
import type { WebhookEvent } from '../../core/domain/webhook-event.ts'
import { newWebhookEvent } from '../new-webhook-event.ts'
import { givenConnection } from './given-connection.ts'
import type { RepositoryContractContext } from './repository-contract-case.ts'

/** Stores a delivery to a fresh connection (unless one is named) and answers it. */
export async function givenWebhookEvent<T extends TenantId, Tx>(
  context: RepositoryContractContext<T, Tx>,
  fields: Partial<WebhookEvent<T>> = {},
): Promise<WebhookEvent<T>> {
  const { tenantId, connectionId } = fields
  const owner =
    tenantId !== undefined && connectionId !== undefined
      ? { tenantId, connectionId }
      : await givenConnection(context, tenantId === undefined ? {} : { tenantId }).then((connection) => ({
          tenantId: connection.tenantId,
          connectionId: connection.id,
        }))
  const event = newWebhookEvent<T>({ ...fields, ...owner })
  await context.repositories.webhookEvents.insertIfAbsent(event)
  return event
}
