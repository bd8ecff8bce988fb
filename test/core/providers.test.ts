import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import type { AnyProvider } from '../../src/core/domain/provider.ts'
import { createConnectors } from '../../src/create-connectors.ts'
import { bearer, defineProvider } from '../../src/providers/kit/index.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorld, testKey } from '../support/shop-world.ts'

function named<const Family extends string, const Name extends string>(family: Family, name: Name) {
  return defineProvider({
    family,
    name,
    label: `${family} ${name}`,
    credentials: z.object({ token: z.string() }),
    http: { baseUrl: () => 'https://provider.test', auth: ({ token }) => bearer(token) },
    adapter: () => ({ async ping() {} }),
    test: (adapter) => adapter.ping(),
  })
}

const pay = named('payment', 'acmepay')
const twins = [named('shop', 'twin'), named('payment', 'twin')] as const

function connectorsWith(providers: readonly AnyProvider[], repositories = memoryRepositories<string>()) {
  const connectors = createConnectors(repositories, {
    providers,
    encryption: { keys: [{ id: 'test-key', key: testKey() }] },
  })
  onTestFinished(() => connectors.close())
  return connectors
}

test('providers are listed, all or those of a family', () => {
  const { providers } = connectorsWith([shop, pay, ...twins])
  expect(providers.list()).toEqual([shop, pay, ...twins])
  expect(providers.list({ family: 'payment' })).toEqual([pay, twins[1]])
  expect(providers.list({ family: 'storage' })).toEqual([])
})

test('a list that someone changes is not the registry', () => {
  const { providers } = connectorsWith([shop, pay])
  ;(providers.list() as AnyProvider[]).length = 0
  expect(providers.list()).toEqual([shop, pay])
})

test('a provider is found by its name, or by family and name where two share one', () => {
  const { providers } = connectorsWith([shop, pay, ...twins])
  expect(providers.get('acmepay')).toBe(pay)
  expect(providers.get('payment.acmepay')).toBe(pay)
  expect(providers.get('payment.twin')).toBe(twins[1])
  expect(() => providers.get('twin')).toThrow(
    expect.objectContaining({ code: 'UNKNOWN_PROVIDER', message: expect.stringContaining('shop.twin, payment.twin') }),
  )
  expect(() => providers.get('nobody')).toThrow(
    expect.objectContaining({ code: 'UNKNOWN_PROVIDER', message: expect.stringMatching(/"nobody".*shop\.testshop/) }),
  )
})

test('a connection whose provider is not registered here can be seen and deleted, but not used', async () => {
  const repositories = memoryRepositories<string>()
  const before = connectorsWith([shop, pay], repositories)
  const { id } = await before.forTenant('acme').connections.create(pay, { credentials: { token: 'x' } })
  const { connections } = connectorsWith([shop], repositories).forTenant('acme')
  expect(await connections.get(id)).toMatchObject({ provider: { family: 'payment', name: 'acmepay' } })
  for (const use of [() => connections.test(id), () => connections.rotateCredentials(id, { token: 'y' })]) {
    await expect(use()).rejects.toMatchObject({
      code: 'UNKNOWN_PROVIDER',
      message: expect.stringContaining('payment.acmepay'),
    })
  }
  await connections.delete(id)
})

test('credentials that the provider does not take any more are told from refused ones', async () => {
  const repositories = memoryRepositories<string>()
  const { id } = await connectorsWith([pay], repositories)
    .forTenant('acme')
    .connections.create(pay, { credentials: { token: 'planted-secret' } })
  const stricter: AnyProvider = { ...pay, credentials: z.object({ token: z.string(), account: z.string() }) }
  const { connections } = connectorsWith([stricter], repositories).forTenant('acme')
  const error = await connections.test(id).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({
    code: 'INVALID_CREDENTIALS',
    message: expect.stringMatching(/account.*connections\.rotateCredentials\(\)/),
  })
  expect(String(error)).not.toContain('planted-secret')
  expect(await connections.get(id)).toMatchObject({ authFailureCount: 0 })
})

test('settings that the provider does not take any more name the verb that mends them', async () => {
  const repositories = memoryRepositories<string>()
  const { id } = await connectorsWith([pay], repositories)
    .forTenant('acme')
    .connections.create(pay, { credentials: { token: 'x' } })
  const stricter: AnyProvider = { ...pay, settings: z.object({ account: z.string() }) }
  await expect(connectorsWith([stricter], repositories).forTenant('acme').connections.test(id)).rejects.toMatchObject({
    code: 'INVALID_SETTINGS',
    message: expect.stringMatching(/account.*connections\.updateSettings\(\)/),
  })
})

test('a default that a provider gains later holds for connections that were made before', async () => {
  const { connectors, connect } = await createShopWorld({ orderCount: 1 })
  const { id } = await connect('acme')
  const { connections } = connectors.forTenant('acme')
  expect((await connections.get(id)).settings).not.toHaveProperty('currency')
  const adapter = await connections.adapter(id, shop)
  expect(await adapter.getOrder('o1')).toMatchObject({ currency: 'EUR' })
})
