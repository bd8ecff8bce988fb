import { executionAsyncResource } from 'node:async_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createAsyncScope } from '../../src/core/services/async-scope.ts'
import { createShopWorld } from '../support/shop-world.ts'

test('whatever is called within a run reads its value, also later, and nobody else does', async () => {
  const scope = createAsyncScope<{ name: string }>()
  const read = async () => {
    await nextTurn()
    return scope.get()?.name
  }
  const [a, b] = await Promise.all([scope.run({ name: 'a' }, read), scope.run({ name: 'b' }, read)])
  expect([a, b, await read()]).toEqual(['a', 'b', undefined])
})

test('a scope reads its own value through runs of others, and the innermost of its own', () => {
  const one = createAsyncScope<{ name: string }>()
  const two = createAsyncScope<{ name: string }>()
  const read = () => [one.get()?.name, two.get()?.name]
  one.run({ name: 'outer' }, () => {
    two.run({ name: 'two' }, () => {
      expect(read()).toEqual(['outer', 'two'])
      expect(one.run({ name: 'inner' }, read)).toEqual(['inner', 'two'])
      expect(read()).toEqual(['outer', 'two'])
    })
    expect(read()).toEqual(['outer', undefined])
  })
})

/** How many storages Node carries from one asynchronous call to the next, for ever; none since Node 24. */
async function carried(): Promise<number> {
  await nextTurn()
  return Object.getOwnPropertySymbols(executionAsyncResource()).length
}

test('however many connections there are, asynchronous calls of the process carry no more', async () => {
  const { connect, connectors } = await createShopWorld()
  const use = async () => {
    const { id } = await connect('acme')
    await connectors.forTenant('acme').connections.test(id)
  }
  await use()
  const before = await carried()
  for (let connection = 0; connection < 5; connection += 1) await use()
  await createShopWorld().then((other) => other.connect('acme'))
  expect(await carried()).toBe(before)
})
