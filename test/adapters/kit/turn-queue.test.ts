import { expect, test } from 'vitest'
import { turnQueue } from '../../../src/adapters/kit/turn-queue.ts'

test('a long chain of turns leaves timers their time', async () => {
  const turns = turnQueue()
  let hasFired = false
  setTimeout(() => {
    hasFired = true
  }, 1)
  // Without a breath in between, the timer would fire only after the last of these.
  let taken = 0
  for (; taken < 1_000_000 && !hasFired; taken += 1) {
    const endTurn = await turns.take(1_000)
    endTurn()
  }
  expect(hasFired).toBe(true)
  expect(taken).toBeLessThan(1_000_000)
})

test('turns are given in the order in which they were asked for', async () => {
  const turns = turnQueue()
  const order: number[] = []
  await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      const endTurn = await turns.take(1_000)
      order.push(index)
      endTurn()
    }),
  )
  expect(order).toEqual(Array.from({ length: 100 }, (_, index) => index))
})
