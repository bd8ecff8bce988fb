import type { Connectors } from './connectors.ts'
import type { ServicePorts, Services } from './create-services.ts'
import type { AnyProvider } from './domain/provider.ts'
import type { TenantId } from './domain/tenant.ts'
import { createFacade } from './facade.ts'
import type { JobVerbs } from './job-verbs.ts'
import type { ResolvedOptions } from './options.ts'
import type { Clock } from './ports/clock.ts'
import type { Logger } from './ports/logger.ts'
import type { Repositories } from './ports/repositories.ts'
import { createEmitter } from './services/emitter.ts'
import { createLifecycle, type Lifecycle } from './services/lifecycle.ts'
import { createOAuthApps } from './services/oauth-apps.ts'
import { createPageHandlers } from './services/page-handlers.ts'
import { createProviderCatalog } from './services/provider-catalog.ts'
import { createProviderRegistry } from './services/provider-registry.ts'
import { createTransactionGuard } from './services/transaction-guard.ts'
import { createWebhookApps } from './services/webhook-apps.ts'
import { createWebhookHandlers } from './services/webhook-handlers.ts'

/** What the core needs from outside. */
export interface CorePorts<T extends TenantId, Tx> {
  readonly repositories: Repositories<T, Tx>
  readonly clock: Clock
  readonly logger: Logger
  /** Everything that only the use-cases need: asked for once, with the first of them. */
  readonly load: () => Promise<ServicePorts>
}

/** Everything but the HTTP handler and the jobs, which are driving sides. */
export type Core<T extends TenantId, Tx> = Omit<
  Connectors<AnyProvider, T, Tx>,
  'handler' | keyof JobVerbs<AnyProvider, T>
>

/**
 * Puts the pure core together over its ports. What checks the options and what users hold is here; the use-cases behind it
 * are loaded by `ready()`, or by the first verb: whoever only imports and configures the library doesn't wait for them.
 *
 * @throws {ConnectorsError} `INVALID_OPTIONS` for providers named twice or handlers of unknown resources.
 */
export function createCore<T extends TenantId, Tx>(ports: CorePorts<T, Tx>, options: ResolvedOptions): Core<T, Tx> {
  const { repositories, clock, logger, load } = ports
  const registry = createProviderRegistry(options.providers)
  const oauthApps = createOAuthApps(options.oauth.apps, registry)
  const findWebhookApp = createWebhookApps(options.webhooks.apps, registry)
  const catalog = createProviderCatalog(options.providers, { families: options.families, hasOAuth: oauthApps.has })
  const pageHandlers = createPageHandlers(options.handlers, registry)
  const webhookHandlers = createWebhookHandlers()
  const emitter = createEmitter<T>(logger)
  const guard = createTransactionGuard()

  let services: Services<T, Tx> | null = null
  const lifecycle: Lifecycle<Services<T, Tx>> = createLifecycle(
    guard,
    async () => {
      const [{ createServices }, loaded] = await Promise.all([import('./create-services.ts'), load()])
      // Kept when the keys can't be had yet: what it holds is made once.
      services ??= createServices<T, Tx>({
        ports: { ...loaded, repositories, clock, logger },
        options,
        registry,
        oauthApps,
        findWebhookApp,
        pageHandlers,
        webhookHandlers,
        emitter,
        guard,
        lifecycle,
      })
      await services.checkKeys()
      return services
    },
    { clock, logger },
  )
  const facade = createFacade<T>({
    verb: lifecycle.verb,
    droppedCount: () => services?.audit.droppedCount() ?? 0,
    now: clock.now,
    handled: () => ({ resources: pageHandlers.resources(), webhooks: webhookHandlers.patterns() }),
  })

  return {
    forTenant: facade.in,
    operator: facade.operator,
    providers: { list: registry.list, get: registry.get, catalog },
    webhooks: { handle: webhookHandlers.add },
    on: emitter.on,
    transaction: (work) => lifecycle.verb('connectors.transaction', ({ transaction }) => transaction(work)),
    ready: lifecycle.ready,
    close: async (limits) => {
      await lifecycle.close(limits)
      await services?.audit.close()
    },
  }
}
