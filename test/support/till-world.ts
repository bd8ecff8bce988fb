import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import type { Connectors } from '../../src/core/connectors.ts'
import { createConnectors } from '../../src/create-connectors.ts'
import { bearer, defineProvider } from '../../src/providers/kit/index.ts'
import { createFakeClock } from './fake-clock.ts'
import { shop } from './shop-provider.ts'
import { testKey } from './shop-world.ts'

/** A provider of which a tenant can have one connection, with settings of unusual types. */
export const till = defineProvider({
  family: 'shop',
  name: 'till',
  label: 'Till',
  credentials: z.object({ pin: z.string() }),
  settings: z.object({ since: z.date().optional(), limit: z.bigint().optional(), floor: z.string().optional() }),
  http: { baseUrl: () => 'https://till.test', auth: ({ pin }) => bearer(pin) },
  adapter: () => ({ async ping() {} }),
  test: (adapter) => adapter.ping(),
})

/** The library with the till and the test shop; closed when the test ends. */
export function createTillWorld(): Connectors<typeof shop | typeof till, string> {
  const connectors = createConnectors(memoryRepositories<string>(), {
    providers: [shop, till],
    encryption: { keys: [{ id: 'k1', key: testKey() }] },
    clock: createFakeClock(),
  })
  onTestFinished(() => connectors.close())
  return connectors
}
