import assert from 'node:assert/strict'
import { memoryRepositories } from '../../adapters/memory/memory-repositories.ts'
import type { Connectors, TenantConnectors } from '../../core/connectors.ts'
import type { Catalog } from '../../core/domain/catalog.ts'
import { type ConnectorEvents, type EventName, eventNames } from '../../core/domain/events.ts'
import type { AnyProvider, ParsedWebhookEvent } from '../../core/domain/provider.ts'
import type { SyncResult } from '../../core/domain/sync-result.ts'
import type { Clock } from '../../core/ports/clock.ts'
import { createConnectors } from '../../create-connectors.ts'
import type { ProviderContractContext } from './provider-contract-case.ts'
import type { ProviderWorld } from './provider-fixtures.ts'

/** A connection to the service of the fixtures, and all there is to see of it. */
export interface Stand {
  readonly world: ProviderWorld<AnyProvider>
  readonly provider: AnyProvider
  readonly tenant: TenantConnectors<AnyProvider, string>
  readonly connectionId: string
  readonly catalog: () => Catalog
  /** Fetches a page of a resource. */
  readonly page: (resource: string) => Promise<SyncResult>
  /** Fetches a resource to its end, or so many pages of it. */
  readonly run: (resource: string, maxPages: number) => Promise<SyncResult>
  readonly now: () => Date
  /** Time passes. */
  readonly pass: (ms: number) => void
  /** Items that were delivered so far, by resource. */
  readonly delivered: (resource: string) => readonly unknown[]
  /** Webhook events that were handled so far. */
  readonly handled: readonly ParsedWebhookEvent[]
  readonly events: readonly { readonly name: EventName; readonly event: ConnectorEvents[EventName] }[]
  /** Fields and message of every log line. */
  readonly logLines: readonly unknown[]
  /** Goes on with another process: all that was held in memory is gone, the rows stay. */
  readonly restart: () => Promise<void>
}

/** Runs a check on a fresh connection, which has passed its test. */
export async function withStand(
  { provider: original, fixtures }: ProviderContractContext,
  check: (stand: Stand) => Promise<void>,
): Promise<void> {
  const world = await fixtures.start()
  let at = (fixtures.now ?? new Date('2026-03-01T12:00:00Z')).getTime()
  const now = () => new Date(at)
  const events: { readonly name: EventName; readonly event: ConnectorEvents[EventName] }[] = []
  const logLines: unknown[] = []
  const handled: ParsedWebhookEvent[] = []
  const items = new Map<string, unknown[]>()
  // Waits between two attempts are not waited out, nor is a turn under the rate limit: the clock stands.
  const provider: AnyProvider = {
    ...original,
    rateLimit: null,
    build: (context) => original.build({ ...context, wait: async (_ms, signal) => signal?.throwIfAborted() }),
  }
  const clock: Clock = { now, schedule: () => () => {} }
  const log = (fields: object, message: string) => void logLines.push({ fields, message })
  const repositories = memoryRepositories<string>()

  function open(): Connectors<AnyProvider, string> {
    const connectors = createConnectors(repositories, {
      providers: [provider],
      encryption: { keys: [{ id: 'contract', key: Buffer.alloc(32, 7).toString('base64') }] },
      handlers: Object.fromEntries(
        Object.keys(provider.resources).map((resource) => [
          `${provider.family}.${resource}`,
          ({ items: page }: { readonly items: readonly unknown[] }) => {
            items.set(resource, [...(items.get(resource) ?? []), ...page])
          },
        ]),
      ),
      breaker: { threshold: 3 },
      pause: { afterFailures: 5 },
      http: { allowPrivateNetwork: true },
      gateMaxAgeMs: 0,
      logger: { debug: log, info: log, warn: log, error: log },
      clock,
    })
    for (const name of eventNames) connectors.on(name, (event) => void events.push({ name, event }))
    connectors.webhooks.handle('*', async ({ event }) => void handled.push(event))
    return connectors
  }

  let connectors = open()
  try {
    const { id: connectionId } = await connectors.forTenant('acme').connections.create(provider, {
      credentials: world.credentials,
      ...(world.settings !== undefined && { settings: world.settings }),
      ...(fixtures.webhooks !== undefined && { webhookSecret: fixtures.webhooks.secret }),
    })
    const tested = await connectors.forTenant('acme').connections.test(connectionId)
    assert.equal(tested.status, 'connected', `the service takes the credentials of the fixtures: ${tested.message}`)
    await check({
      world,
      provider,
      get tenant() {
        return connectors.forTenant('acme')
      },
      connectionId,
      catalog: () => connectors.providers.catalog(),
      // No resource is known to the types of any provider: what isn't there is refused.
      page: (resource) => connectors.forTenant('acme').sync.page(connectionId, resource as never),
      run: (resource, maxPages) => connectors.forTenant('acme').sync.run(connectionId, resource as never, { maxPages }),
      now,
      pass: (ms) => {
        at += ms
      },
      delivered: (resource) => items.get(resource) ?? [],
      handled,
      events,
      logLines,
      restart: async () => {
        await connectors.close()
        connectors = open()
      },
    })
  } finally {
    await connectors.close()
    await world.service.close()
  }
}
