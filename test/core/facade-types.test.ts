import { expectTypeOf, test } from 'vitest'
import type { ConnectionVerbs } from '../../src/core/connectors.ts'
import type { AnyProvider } from '../../src/core/domain/provider.ts'
import type { SyncVerbs } from '../../src/core/sync-verbs.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorld } from '../support/shop-world.ts'
import { till } from '../support/till-world.ts'

test('types flow from the provider to every verb', async () => {
  const { connectors, connect } = await createShopWorld()
  const acme = connectors.forTenant('acme')
  const { id } = await connect('acme')
  const adapter = await acme.connections.adapter(id, shop)
  expectTypeOf(await adapter.getOrder).returns.resolves.toEqualTypeOf<{ id: string; total: string; currency: string }>()
  connectors.webhooks.handle('order.paid', async ({ event }) => {
    expectTypeOf(event.amount).toEqualTypeOf<string>()
  })
  connectors.webhooks.handle('order.*', async ({ event }) => {
    expectTypeOf(event.type).toEqualTypeOf<'order.created' | 'order.paid'>()
  })
  // @ts-expect-error the shop has no such event
  connectors.webhooks.handle('order.shipped', async () => {})
  // @ts-expect-error the shop has no such resource
  await acme.sync.run(id, 'products').catch(() => {})
  const settings = { url: 'https://shop.test' }
  // @ts-expect-error the credentials are called token
  await acme.connections.create(shop, { credentials: { apiKey: 'x' }, settings }).catch(() => {})
})

test('new credentials and settings are typed by the provider, or by those that are registered', () => {
  const calls = async (one: ConnectionVerbs<typeof shop, string>, id: string) => {
    await one.rotateCredentials(id, { token: 'x' })
    // @ts-expect-error the credentials are called token
    await one.rotateCredentials(id, { pin: 'x' })
    await one.updateSettings(id, { currency: 'EUR' })
    // @ts-expect-error there is no such setting
    await one.updateSettings(id, { curency: 'EUR' })
    // @ts-expect-error a currency is a text
    await one.updateSettings(id, { currency: 1 })
  }
  const several = async (both: ConnectionVerbs<typeof shop | typeof till, string>, id: string) => {
    await both.rotateCredentials(id, { pin: 'x' })
    await both.rotateCredentials(id, { pin: 'x' }, till)
    // @ts-expect-error those of the till are called pin
    await both.rotateCredentials(id, { token: 'x' }, till)
    // @ts-expect-error the till has no currency
    await both.updateSettings(id, { currency: 'EUR' }, till)
  }
  const unknown = async (any: ConnectionVerbs<AnyProvider, string>, id: string, form: unknown) => {
    await any.rotateCredentials(id, form)
    await any.updateSettings(id, form)
  }
  expectTypeOf([calls, several, unknown]).toBeArray()
})

test('runs of their own ways are typed by the provider, or by those that are registered', () => {
  const calls = async (one: SyncVerbs<typeof shop, string, Map<string, string>>, id: string) => {
    // @ts-expect-error what handles orders can't handle numbers
    await one.run(id, 'orders', { fetch: async () => ({ items: [1], cursor: 1, hasMore: false }) })
    // @ts-expect-error a state key begins with its resource
    await one.run(id, 'orders', { stateKey: 'archived' })
    // @ts-expect-error one page is all there is
    await one.page(id, 'orders', { maxPages: 2 })
  }
  const several = async (both: SyncVerbs<typeof shop | typeof till, string>, id: string) => {
    // @ts-expect-error not every provider lists orders
    await both.run(id, 'orders', { fetch: (adapter) => adapter.listOrders(0) })
    await both.run(id, 'orders', {
      provider: shop,
      fetch: async (adapter) => {
        expectTypeOf(adapter.listOrders).parameters.toEqualTypeOf<[offset: number]>()
        return { items: ['a'], cursor: null, hasMore: false }
      },
      onPage: async ({ items, provider }) => {
        expectTypeOf(items).toEqualTypeOf<readonly string[]>()
        expectTypeOf(provider).toEqualTypeOf<'testshop'>()
      },
    })
    await both.state(id, 'orders:archived')
  }
  expectTypeOf([calls, several]).toBeArray()
})
