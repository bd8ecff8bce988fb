import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { retryBusy } from '../../../src/adapters/kit/retry-busy.ts'
import type { StoreFailure } from '../../../src/adapters/kit/store-failure.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Fails as told, and counts how often it was tried. */
async function triesAfter(failures: readonly StoreFailure[]) {
  let tryCount = 0
  const attempt = async () => {
    const failure = failures[Math.min(tryCount, failures.length - 1)]
    tryCount += 1
    throw failure
  }
  const result = retryBusy(attempt, (thrown) => thrown as StoreFailure).catch((thrown: unknown) => thrown)
  await vi.advanceTimersByTimeAsync(60_000)
  return { tryCount, thrown: await result }
}

test('a store that stays busy is tried a limited number of times', async () => {
  expect(await triesAfter(['busy'])).toEqual({ tryCount: 11, thrown: 'busy' })
})

test('a lock that does not go away is waited for twice', async () => {
  expect(await triesAfter(['locked'])).toEqual({ tryCount: 2, thrown: 'locked' })
  expect(await triesAfter(['locked', 'busy', 'locked'])).toEqual({ tryCount: 3, thrown: 'locked' })
})

test('a lost connection is never tried again: what was sent may have happened', async () => {
  expect(await triesAfter(['unavailable'])).toEqual({ tryCount: 1, thrown: 'unavailable' })
})

test.each([
  { fraction: 0, pauseMs: 5 },
  { fraction: 1, pauseMs: 10 },
])('the first pause is $pauseMs ms at a fraction of $fraction, so that two that collided part', async (jitter) => {
  let tryCount = 0
  const attempt = async () => {
    tryCount += 1
    if (tryCount === 1) throw new Error('busy')
  }
  const done = retryBusy(
    attempt,
    () => 'busy',
    () => jitter.fraction,
  )
  await vi.advanceTimersByTimeAsync(jitter.pauseMs - 1)
  expect(tryCount).toBe(1)
  await vi.advanceTimersByTimeAsync(1)
  await done
  expect(tryCount).toBe(2)
})
