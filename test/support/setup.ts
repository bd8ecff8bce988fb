import { afterEach, beforeEach, expect } from 'vitest'

/**
 * Tripwires that hang in every test file. A promise that nobody awaits and that rejects is a bug in the library,
 * so it fails the test during which it happened (and the run, if it happens between tests).
 */
const stray: unknown[] = []
process.on('unhandledRejection', (reason) => stray.push(reason))

beforeEach(() => {
  stray.length = 0
})

afterEach(async () => {
  // Node reports an unhandled rejection after the microtasks of the turn in which it happened.
  await new Promise((resolve) => setImmediate(resolve))
  const reasons = stray.splice(0)
  expect(reasons, 'a promise was rejected and nobody handled it').toEqual([])
})
