import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import type {
  AdapterContext,
  AdapterOf,
  AnyProvider,
  FetchRequest,
  ItemOf,
  ResourceOf,
  WebhookEventOf,
} from '../../../src/core/domain/provider.ts'
import { bearer, defineProvider, field, signatures } from '../../../src/providers/kit/index.ts'

interface Order {
  readonly id: string
  readonly total: number
}

interface OrderSource {
  getOrder(id: string): Promise<Order>
}

async function fetchOrders(source: OrderSource, { cursor }: FetchRequest) {
  return { items: [await source.getOrder('1')], cursor, hasMore: false }
}

const acme = defineProvider({
  family: 'shop',
  name: 'acme',
  label: 'Acme',
  credentials: z.object({ apiKey: z.string() }),
  settings: z.object({ region: field(z.enum(['eu', 'us']).default('eu'), { label: 'Region', order: 1 }) }),
  http: {
    baseUrl: (settings, credentials) => {
      expectTypeOf(settings).toEqualTypeOf<{ region: 'eu' | 'us' }>()
      expectTypeOf(credentials).toEqualTypeOf<{ apiKey: string }>()
      return `https://${settings.region}.acme.example`
    },
    auth: ({ apiKey }) => bearer(apiKey),
  },
  adapter: ({ http, settings }) => {
    expectTypeOf(settings.region).toEqualTypeOf<'eu' | 'us'>()
    return {
      async getOrder(id: string): Promise<Order> {
        return (await http.get(`/orders/${id}`)).read(z.object({ id: z.string(), total: z.number() }))
      },
      async *allOrders(): AsyncGenerator<Order> {},
    }
  },
  implements: ['getOrder', 'allOrders'],
  test: async (adapter) => {
    expectTypeOf(adapter.getOrder).toEqualTypeOf<(id: string) => Promise<Order>>()
    await adapter.getOrder('1')
  },
  resources: {
    orders: {
      incremental: true,
      fetch: async (adapter, { cursor }) => {
        expectTypeOf(adapter.getOrder).toEqualTypeOf<(id: string) => Promise<Order>>()
        // @ts-expect-error the adapter has no such method
        adapter.getOrders
        return { items: [await adapter.getOrder('1')], cursor, hasMore: false }
      },
    },
    declaredElsewhere: { incremental: true, fetch: fetchOrders },
    counts: {
      incremental: false,
      async fetch(adapter) {
        expectTypeOf(adapter.getOrder).toEqualTypeOf<(id: string) => Promise<Order>>()
        return { items: [1, 2, 3], cursor: null, hasMore: false }
      },
    },
  },
  choices: {
    region: async (adapter) => {
      expectTypeOf(adapter.getOrder).toEqualTypeOf<(id: string) => Promise<Order>>()
      return [{ value: 'eu', label: 'Europe' }]
    },
    apiKey: async () => [],
  },
  webhooks: {
    signature: { kind: 'hmac', algorithm: 'sha256', encoding: 'hex', header: 'x-signature', prefix: '' },
    deliveryId: null,
    eventType: () => 'order.created',
    parse: () => ({ type: 'order.created', orderId: '1' }),
  },
})

const bare = defineProvider({
  family: 'shop',
  name: 'bare',
  label: 'Bare',
  credentials: z.object({}),
  http: { baseUrl: () => 'https://bare.example', auth: () => bearer('') },
  adapter: () => ({ async ping() {} }),
  test: (adapter) => adapter.ping(),
})

describe('the types of a defined provider', () => {
  it('are literal for family and name', () => {
    expectTypeOf(acme.family).toEqualTypeOf<'shop'>()
    expectTypeOf(acme.name).toEqualTypeOf<'acme'>()
  })

  it('give the adapter with its precise methods', () => {
    expectTypeOf<AdapterOf<typeof acme>['getOrder']>().toEqualTypeOf<(id: string) => Promise<Order>>()
    expectTypeOf<keyof AdapterOf<typeof acme>>().toEqualTypeOf<'getOrder' | 'allOrders'>()
    expectTypeOf<keyof AdapterOf<typeof bare>>().toEqualTypeOf<'ping'>()
  })

  it('give the resources by name, with their items', () => {
    expectTypeOf<ResourceOf<typeof acme>>().toEqualTypeOf<'orders' | 'counts' | 'declaredElsewhere'>()
    expectTypeOf<ItemOf<typeof acme, 'orders'>>().toEqualTypeOf<Order>()
    expectTypeOf<ItemOf<typeof acme, 'declaredElsewhere'>>().toEqualTypeOf<Order>()
    expectTypeOf<ItemOf<typeof acme, 'counts'>>().toEqualTypeOf<number>()
    expectTypeOf<ResourceOf<typeof bare>>().toEqualTypeOf<never>()
    // @ts-expect-error there is no such resource
    expectTypeOf<ItemOf<typeof acme, 'order'>>().toBeNever()
  })

  it('give the webhook events', () => {
    expectTypeOf<WebhookEventOf<typeof acme>>().toEqualTypeOf<{ type: string; orderId: string }>()
  })

  it('fit where any provider is asked for', () => {
    const providers: readonly AnyProvider[] = [acme, bare]
    expectTypeOf(providers).toExtend<readonly AnyProvider[]>()
  })

  it('refuse wrong credential fields and settings', () => {
    const build = (context: Omit<AdapterContext<unknown, unknown>, 'credentials' | 'settings'>) => {
      acme.build({ ...context, credentials: { apiKey: 'k' }, settings: { region: 'eu' } })
      // @ts-expect-error the field is called apiKey
      acme.build({ ...context, credentials: { apikey: 'k' }, settings: { region: 'eu' } })
      // @ts-expect-error there is no such region
      acme.build({ ...context, credentials: { apiKey: 'k' }, settings: { region: 'mars' } })
    }
    expectTypeOf(build).toBeFunction()
    expectTypeOf<z.input<typeof acme.credentials>>().toEqualTypeOf<{ apiKey: string }>()
    expectTypeOf<z.input<typeof acme.settings>>().toEqualTypeOf<{ region?: 'eu' | 'us' | undefined }>()
  })

  it('refuse definitions that read fields which do not exist, and methods that are not async', () => {
    const wrong = () => {
      // @ts-expect-error it is called label
      field(z.string(), { lable: 'Region' })
      const parts = {
        family: 'shop',
        name: 'parts',
        label: 'Parts',
        credentials: z.object({ apiKey: z.string() }),
        http: { baseUrl: () => 'https://wrong.example', auth: () => bearer('') },
        adapter: () => ({ async ping() {} }),
        test: async () => {},
      }
      defineProvider({
        ...parts,
        implements: ['ping', 'pong'],
        // @ts-expect-error there is no pong
        adapter: () => ({ async ping() {} }),
      })
      defineProvider({
        ...parts,
        // @ts-expect-error the field is called apiKey
        choices: { apikey: async () => [] },
      })
      defineProvider({
        ...parts,
        // @ts-expect-error a choice has a label
        choices: { apiKey: async () => [{ value: 'x' }] },
      })
      defineProvider({
        ...parts,
        // @ts-expect-error there is no burst without a rate
        rateLimit: { burst: 5 },
      })
      defineProvider({
        family: 'shop',
        name: 'wrong',
        label: 'Wrong',
        credentials: z.object({ apiKey: z.string() }),
        http: {
          baseUrl: () => 'https://wrong.example',
          // @ts-expect-error the field is called apiKey
          auth: ({ token }) => bearer(token),
        },
        adapter: () => ({ async ping() {} }),
        // @ts-expect-error the method is called ping
        test: (adapter) => adapter.pong(),
      })
      defineProvider({
        family: 'shop',
        name: 'sync',
        label: 'Sync',
        credentials: z.object({}),
        http: { baseUrl: () => 'https://wrong.example', auth: () => bearer('') },
        // @ts-expect-error every method must be async
        adapter: () => ({ ping: () => 1 }),
        test: async () => {},
      })
    }
    expectTypeOf(wrong).toBeFunction()
  })
})

it('an event that is read in place is inferred, also beside the list of its types', () => {
  const provider = defineProvider({
    family: 'shipping',
    name: 'parcels',
    label: 'Parcels',
    credentials: z.object({ key: z.string() }),
    http: { baseUrl: () => 'https://parcels.example', auth: ({ key }) => bearer(key) },
    adapter: ({ http }) => ({
      async me() {
        return (await http.get('/me')).read(z.string())
      },
    }),
    test: (adapter) => adapter.me(),
    webhooks: {
      signature: signatures.github,
      deliveryId: null,
      eventTypes: ['parcel.shipped'],
      eventType: () => 'parcel.shipped',
      parse: ({ rawBody }) => z.object({ type: z.literal('parcel.shipped') }).parse(rawBody),
    },
  })
  expectTypeOf<AdapterOf<typeof provider>['me']>().toEqualTypeOf<() => Promise<string>>()
  expectTypeOf<WebhookEventOf<typeof provider>>().toEqualTypeOf<{ type: 'parcel.shipped' }>()
})
