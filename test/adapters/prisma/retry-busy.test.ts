import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { retryBusy } from '../../../src/adapters/kit/retry-busy.ts'
import { isBusy } from '../../../src/adapters/prisma/prisma-error.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const busy = Object.assign(new Error('busy'), { name: 'PrismaClientKnownRequestError', code: 'P1008' })
const lost = Object.assign(new Error('gone'), { name: 'PrismaClientKnownRequestError', code: 'P1017' })

test('a store that stays busy is tried a limited number of times', async () => {
  const attempt = vi.fn(() => Promise.reject(busy))
  const result = retryBusy(attempt, isBusy).catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(await result).toBe(busy)
  expect(attempt).toHaveBeenCalledTimes(11)
})

test('a lost connection is never tried again: what was sent may have happened', async () => {
  const attempt = vi.fn(() => Promise.reject(lost))
  await expect(retryBusy(attempt, isBusy)).rejects.toBe(lost)
  expect(attempt).toHaveBeenCalledTimes(1)
})
