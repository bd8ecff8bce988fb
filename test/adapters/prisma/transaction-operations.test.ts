import { expect, test } from 'vitest'
import { transactionOperations } from '../../../src/adapters/prisma/transaction-operations.ts'

const written = async () => ({ count: 1 })
const refused = () => Promise.reject(new Error('refused'))

/** An operation that ends when it is told to. */
function slow<R>(result: R) {
  let end = () => {}
  const answer = new Promise<R>((resolve) => {
    end = () => resolve(result)
  })
  return { operation: () => answer, end: () => end() }
}

test('a write that found its row, and was the last thing done, proves that the transaction is alive', async () => {
  const operations = transactionOperations()
  expect(operations.isProvenAlive()).toBe(false)
  await operations.run('updateMany', written)
  expect(operations.isProvenAlive()).toBe(true)
})

test('a write that found nothing proves nothing, nor does a read that an extension may have answered', async () => {
  for (const [name, result] of [
    ['updateMany', { count: 0 }],
    ['updateMany', undefined],
    ['findFirst', { count: 1 }],
    ['$executeRaw', 1],
  ] as const) {
    const operations = transactionOperations()
    await operations.run(name, async () => result)
    expect(operations.isProvenAlive(), name).toBe(false)
  }
})

test('what fails after the proof, or begins after it, undoes it', async () => {
  const operations = transactionOperations()
  await operations.run('updateMany', written)
  await operations.run('create', refused).catch(() => {})
  expect(operations.isProvenAlive()).toBe(false)
  await operations.run('updateMany', written)
  const begun = slow(null)
  const running = operations.run('create', begun.operation)
  expect(operations.isProvenAlive()).toBe(false)
  begun.end()
  await running
  expect(operations.isProvenAlive()).toBe(false)
})

test('a write proves nothing when something else was under way beside it, whichever of the two is told of first', async () => {
  for (const order of ['before', 'after'] as const) {
    const operations = transactionOperations()
    const [write, other] = [slow({ count: 1 }), slow(null)]
    const begin = [
      () => operations.run('updateMany', write.operation),
      () => operations.run('create', () => other.operation().then(refused)).catch(() => {}),
    ]
    const running = (order === 'before' ? begin.toReversed() : begin).map((start) => start())
    other.end()
    await Promise.race(running)
    write.end()
    await Promise.all(running)
    expect(operations.isProvenAlive(), order).toBe(false)
  }
})
