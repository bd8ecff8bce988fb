import { expect, expectTypeOf, test } from 'vitest'
import type { ConnectionVerbs } from '../../src/core/connectors.ts'
import type { AnyProvider, Choice } from '../../src/core/domain/provider.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorld } from '../support/shop-world.ts'
import type { till } from '../support/till-world.ts'

/** The shop, whose code tells these choices. */
const telling = (load: AnyProvider['loadChoices']) => ({ ...shop, loadChoices: load }) satisfies typeof shop

async function connected(provider = shop) {
  const world = await createShopWorld({ providers: [provider] })
  const { id } = await world.connect('acme')
  const acme = world.connectors.forTenant('acme')
  return { ...world, id, acme }
}

function latch() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

test('the choices of a field are asked of the account each time', async () => {
  const { acme, id, server } = await connected()
  const choices = await acme.connections.choices(id, 'currency')
  expect(choices).toEqual([
    { value: 'EUR', label: 'Euro' },
    { value: 'RON', label: 'Leu' },
  ])
  await acme.connections.choices(id, 'currency')
  expect(server.requests.filter((request) => request === 'GET /currencies')).toHaveLength(2)
  expectTypeOf(choices).toEqualTypeOf<readonly Choice[]>()
})

test('asking for choices is audited under the name of the field', async () => {
  const { acme, id, server } = await connected()
  await acme.connections.choices(id, 'currency')
  const [row] = await acme.executions.list({ connectionId: id }).all()
  expect(row).toMatchObject({ action: 'choices currency', url: `${server.url}/currencies`, responseStatus: 200 })
})

test('a field without choices is refused before anything is asked, and told which have some', async () => {
  const { acme, id, server, eventsOf } = await connected()
  const sent = server.requests.length
  for (const field of ['url', 'token', 'nothing', 'toString']) {
    // @ts-expect-error a field that there is not
    await expect(acme.connections.choices(id, field)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: `testshop tells no choices for "${field}", only for: currency.`,
    })
  }
  const named: object = { signl: AbortSignal.timeout(1) }
  await expect(acme.connections.choices(id, 'currency', named)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  const wrong: object = { signal: true }
  await expect(acme.connections.choices(id, 'currency', wrong)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  expect([server.requests.length, eventsOf('operation.failed')]).toEqual([sent, []])
})

test('it is an ordinary call: nothing is sent while the gate is closed', async () => {
  const { acme, id, server } = await connected()
  await acme.connections.disable(id)
  const sent = server.requests.length
  await expect(acme.connections.choices(id, 'currency')).rejects.toMatchObject({ code: 'CONNECTION_NOT_OPERATIONAL' })
  await acme.connections.enable(id)
  await acme.connections.pause(id, { forMs: 60_000 })
  await expect(acme.connections.choices(id, 'currency')).rejects.toMatchObject({ code: 'CONNECTION_NOT_OPERATIONAL' })
  expect(server.requests.slice(sent)).toEqual(['GET /me'])
})

test('a new connection that was never tested is told to test first', async () => {
  const { acme, connect } = await connected()
  const { id } = await connect('acme', { test: false })
  await expect(acme.connections.choices(id, 'currency')).rejects.toMatchObject({
    code: 'CONNECTION_NOT_OPERATIONAL',
    message: expect.stringContaining('connections.test()'),
  })
})

test('refused credentials count for the circuit breaker', async () => {
  const { acme, id, server } = await connected()
  server.tokens.clear()
  for (let failures = 1; failures <= 3; failures += 1) {
    await expect(acme.connections.choices(id, 'currency')).rejects.toMatchObject({ code: 'AUTHENTICATION_FAILED' })
  }
  expect(await acme.connections.get(id)).toMatchObject({ isEnabled: false, authFailureCount: 3 })
})

test.each([
  ['nothing', undefined],
  ['an object', { value: 'a', label: 'A' }],
  ['texts', ['a', 'b']],
  ['a choice without label', [{ value: 'a' }]],
  ['a choice without value', [{ label: 'A' }]],
  ['a label that is a number', [{ value: 1, label: 1 }]],
  ['a value that is an object', [{ value: {}, label: 'A' }]],
  ['a value that is no finite number', [{ value: Number.NaN, label: 'A' }]],
  ['more than anybody can choose from', Array.from({ length: 10_001 }, (_, value) => ({ value, label: `${value}` }))],
])('%s is a failure of the provider and no choice', async (_what, answer) => {
  const { acme, id } = await connected(telling(async () => answer as readonly Choice[]))
  await expect(acme.connections.choices(id, 'currency')).rejects.toMatchObject({
    code: 'PROVIDER_FAILED',
    message: expect.stringContaining('testshop.currency'),
  })
})

test('texts, numbers and booleans may be chosen, and nothing else comes along', async () => {
  const told = [
    { value: 'a', label: 'A', token: 'planted-secret' },
    { value: 1, label: '' },
    { value: false, label: 'No' },
  ]
  const { acme, id } = await connected(telling(async () => told))
  expect(await acme.connections.choices(id, 'currency')).toEqual([
    { value: 'a', label: 'A' },
    { value: 1, label: '' },
    { value: false, label: 'No' },
  ])
})

test('what the provider throws comes out without secrets', async () => {
  const { acme, id } = await connected(
    telling(async () => {
      throw new TypeError('could not sign with token-of-acme')
    }),
  )
  const error = await acme.connections.choices(id, 'currency').catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'PROVIDER_FAILED' })
  expect(String(error)).not.toContain('token-of-acme')
})

test('a signal stops it at once, heeded or not, and counts against nobody', async () => {
  let seen: AbortSignal | undefined
  const asked = latch()
  const { acme, id, eventsOf } = await connected(
    telling((_adapter, _field, { signal }) => {
      seen = signal
      asked.open()
      return new Promise(() => {})
    }),
  )
  const controller = new AbortController()
  const choices = acme.connections.choices(id, 'currency', { signal: controller.signal })
  await asked.opened
  controller.abort()
  await expect(choices).rejects.toMatchObject({ code: 'ABORTED' })
  expect(seen?.aborted).toBe(true)
  expect(eventsOf('operation.failed')).toEqual([])
})

test('close() stops it', async () => {
  const asked = latch()
  const { acme, id, connectors } = await connected(
    telling(() => {
      asked.open()
      return new Promise(() => {})
    }),
  )
  const choices = acme.connections.choices(id, 'currency').catch((error: unknown) => error)
  await asked.opened
  await connectors.close()
  expect(await choices).toMatchObject({ code: 'ABORTED' })
})

test('fields are typed by the provider, or by those that are registered', () => {
  const calls = async (
    one: ConnectionVerbs<typeof shop, string>,
    both: ConnectionVerbs<typeof shop | typeof till, string>,
    any: ConnectionVerbs<AnyProvider, string>,
    id: string,
  ) => {
    await one.choices(id, 'currency')
    // @ts-expect-error there is no such field
    await one.choices(id, 'curency')
    await both.choices(id, 'pin')
    await any.choices(id, 'anything')
  }
  expectTypeOf(calls).toBeFunction()
})
