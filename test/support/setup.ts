import { afterEach, expect } from 'vitest'

/**
 * Tripwires that hang in every test file.
 *
 * A promise that rejects while nobody awaits it is a bug in the library, and the test runner fails the run for it,
 * unless someone else listens: one listener for `unhandledRejection` or `uncaughtException` (left behind by a test,
 * or hung up by the library or by something it loads) makes the runner look away. So none may.
 */
afterEach(async () => {
  // Node reports an unhandled rejection after the microtasks of its turn; then it still counts for this test.
  await new Promise((resolve) => setImmediate(resolve))
  expect(process.listenerCount('unhandledRejection'), 'someone else listens for unhandled rejections').toBe(1)
  expect(process.listenerCount('uncaughtException'), 'someone else listens for uncaught exceptions').toBe(1)
})
