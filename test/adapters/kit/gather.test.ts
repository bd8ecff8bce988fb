import { expect, test } from 'vitest'
import { gather } from '../../../src/adapters/kit/gather.ts'

/** Batches that are done when the test says so. */
function gathered({ maxItems = 10, maxWeight = 100, maxRunning = 1 } = {}) {
  const batches: { readonly items: readonly string[]; readonly finish: (error?: Error) => void }[] = []
  const ask = gather<string, string>({
    keyOf: (item) => item.charAt(0),
    weightOf: (item) => item.length,
    maxItems,
    maxWeight,
    maxRunning,
    work: (items) =>
      new Promise((resolve, reject) => {
        const finish = (error?: Error) =>
          error === undefined ? resolve(items.map((item) => item.toUpperCase())) : reject(error)
        batches.push({ items, finish })
      }),
  })
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  const shown = () => batches.map(({ items }) => items)
  return { ask, batches, turn, shown }
}

test('what is asked for in one turn of the event loop is one batch, and each gets its own answer', async () => {
  const { ask, batches, turn } = gathered()
  const answers = ['a', 'b', 'c'].map(ask)
  await turn()
  expect(batches).toHaveLength(1)
  batches[0]?.finish()
  expect(await Promise.all(answers)).toEqual(['A', 'B', 'C'])
})

test('what comes while all batches are under way is the next one', async () => {
  const { ask, batches, turn, shown } = gathered()
  const answers = [ask('a')]
  await turn()
  answers.push(ask('b'), ask('c'))
  await turn()
  expect(shown()).toEqual([['a']])
  batches[0]?.finish()
  await turn()
  expect(shown()).toEqual([['a'], ['b', 'c']])
  batches[1]?.finish()
  expect(await Promise.all(answers)).toEqual(['A', 'B', 'C'])
})

test('items of one key are never in one batch, and keep their order', async () => {
  const { ask, batches, turn, shown } = gathered()
  const answers = ['a1', 'b', 'a2', 'a3'].map(ask)
  for (let round = 0; round < 3; round += 1) {
    await turn()
    batches[round]?.finish()
  }
  await Promise.all(answers)
  expect(shown()).toEqual([['a1', 'b'], ['a2'], ['a3']])
})

test('a batch has its limits, but what is too heavy for any goes alone', async () => {
  const { ask, batches, turn, shown } = gathered({ maxItems: 2, maxWeight: 5 })
  const answers = ['aaa', 'bbb', 'c', 'd', 'eeeeeeee'].map(ask)
  for (let round = 0; round < 4; round += 1) {
    await turn()
    batches[round]?.finish()
  }
  await Promise.all(answers)
  expect(shown()).toEqual([['aaa', 'c'], ['bbb', 'd'], ['eeeeeeee']])
})

test('a failure is told to all of its batch and to nobody else', async () => {
  const { ask, batches, turn } = gathered({ maxRunning: 2 })
  const first = [ask('a'), ask('b')]
  await turn()
  const second = ask('c')
  await turn()
  batches[0]?.finish(new Error('away'))
  batches[1]?.finish()
  expect(await Promise.allSettled(first)).toMatchObject([
    { reason: { message: 'away' } },
    { reason: { message: 'away' } },
  ])
  expect(await second).toBe('C')
})
