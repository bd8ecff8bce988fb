import type { TransactionalConnectionVerbs } from './connectors.ts'
import type { AnyProvider } from './domain/provider.ts'
import { type TenantId, tenantScope } from './domain/tenant.ts'
import type { ConnectionService } from './services/connection-service.ts'

/**
 * The verbs of one tenant inside `connectors.transaction`, over a service that is bound to it.
 *
 * @throws {ConnectorsError} `INVALID_TENANT_ID`.
 */
export function transactionalVerbs<T extends TenantId>(
  service: ConnectionService<T>,
  tenantId: T,
): { readonly connections: TransactionalConnectionVerbs<AnyProvider, T> } {
  const scope = tenantScope(tenantId)
  return {
    connections: {
      create: (provider, input) => service.create(tenantId, provider, input),
      get: (id) => service.get(scope, id),
      list: (filter) => service.list(scope, filter),
      update: (id, change) => service.update(scope, id, change),
      validateSettings: (id, settings) => service.validateSettings(scope, id, settings),
      updateSettings: (id, settings, provider) => service.updateSettings(scope, id, settings, provider),
      rotateCredentials: (id, credentials, provider) => service.rotateCredentials(scope, id, credentials, provider),
      rotateWebhookSecret: (id, change) => service.rotateWebhookSecret(scope, id, change),
      disable: (id, change) => service.disable(scope, id, change),
      pause: (id, request) => service.pause(scope, id, request),
      resume: (id) => service.resume(scope, id),
      delete: (id) => service.delete(scope, id),
    },
  }
}
