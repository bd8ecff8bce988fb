import { createHmac } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { type MemoryTransaction, memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import type { Connectors } from '../../src/core/connectors.ts'
import { type ConnectorEvents, type EventName, eventNames } from '../../src/core/domain/events.ts'
import type { TenantId } from '../../src/core/domain/tenant.ts'
import type { ConnectorsOptions } from '../../src/core/options.ts'
import type { Repositories } from '../../src/core/ports/repositories.ts'
import { createConnectors } from '../../src/create-connectors.ts'
import { createFakeClock, type FakeClock } from './fake-clock.ts'
import { shop } from './shop-provider.ts'
import { type ShopServer, startShopServer } from './shop-server.ts'

/** The secret that the test shop signs its webhooks with, unless a test says otherwise. */
export const webhookSecret = 'whsec-of-the-test-shop'

/** An encryption key of tests: 32 bytes, all the same. */
export function testKey(byte = 1): string {
  return Buffer.alloc(32, byte).toString('base64')
}

type ShopConnectors<T extends TenantId, Tx> = Connectors<typeof shop, T, Tx>

/** The library over some repositories, with a shop to talk to, a clock to move, and ears. */
export interface ShopWorld<T extends TenantId, Tx> {
  readonly connectors: ShopConnectors<T, Tx>
  readonly server: ShopServer
  readonly clock: FakeClock
  /** Everything that was emitted so far, in order. */
  readonly events: readonly { readonly name: EventName; readonly event: ConnectorEvents[EventName] }[]
  /** The events of one name. */
  readonly eventsOf: <Name extends EventName>(name: Name) => readonly ConnectorEvents<T>[Name][]
  /** Every log line so far, as JSON text. */
  readonly logLines: readonly string[]
  /** A tenant's connection to the shop, tested and connected unless told otherwise. */
  readonly connect: (
    tenantId: T,
    options?: { readonly token?: string; readonly test?: boolean },
  ) => Promise<{ readonly id: string }>
}

type ShopOptions<T extends TenantId, Tx> = Partial<ConnectorsOptions<readonly [typeof shop], T, Tx>> & {
  readonly orderCount?: number
}

/** A world over repositories of your choice; closed when the test ends. */
export async function createShopWorldOver<T extends TenantId, Tx>(
  repositories: Repositories<T, Tx>,
  { orderCount = 0, ...options }: ShopOptions<T, Tx> = {},
): Promise<ShopWorld<T, Tx>> {
  const server = await startShopServer({ orderCount })
  const clock = createFakeClock()
  const logLines: string[] = []
  const log = (fields: object, message: string) =>
    void logLines.push(JSON.stringify({ ...fields, message, err: String((fields as { err?: unknown }).err ?? '') }))
  const connectors: ShopConnectors<T, Tx> = createConnectors(repositories, {
    providers: [shop],
    encryption: { keys: [{ id: 'test-key', key: testKey() }] },
    http: { allowPrivateNetwork: true },
    clock,
    logger: { debug: log, info: log, warn: log, error: log },
    ...options,
  })
  const events: { name: EventName; event: ConnectorEvents[EventName] }[] = []
  for (const name of eventNames) connectors.on(name, (event) => events.push({ name, event }))
  onTestFinished(async () => {
    await connectors.close()
    await server.close()
  })
  return {
    connectors,
    server,
    clock,
    events,
    // Filtered by name, so the events are those of the name.
    eventsOf: (name) => events.filter((entry) => entry.name === name).map(({ event }) => event) as never,
    logLines,
    connect: async (tenantId, { token = 'token-of-acme', test = true } = {}) => {
      const tenant = connectors.forTenant(tenantId)
      // The registered one, which a test may have varied.
      const { id } = await tenant.connections.create(connectors.providers.get(shop.name), {
        credentials: { token },
        settings: { url: server.url },
        webhookSecret,
      })
      if (test) await tenant.connections.test(id)
      return { id }
    },
  }
}

/** A world in memory. */
export function createShopWorld(
  options?: ShopOptions<string, MemoryTransaction>,
): Promise<ShopWorld<string, MemoryTransaction>> {
  return createShopWorldOver(memoryRepositories<string>(), options)
}

/** A delivery as the test shop sends it, signed. */
export function shopDelivery(
  body: string | Uint8Array,
  { secret = webhookSecret, deliveryId = 'd1' }: { readonly secret?: string; readonly deliveryId?: string } = {},
): { readonly headers: Record<string, string>; readonly body: Uint8Array } {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  return {
    headers: {
      'content-type': 'application/json',
      'X-Shop-Signature': createHmac('sha256', secret).update(bytes).digest('hex'),
      'X-Shop-Delivery': deliveryId,
    },
    body: bytes,
  }
}
