import { expect, test } from 'vitest'
import { withinLimits } from '../../src/jobs/within-limits.ts'
import { createFakeClock } from '../support/fake-clock.ts'

function limits() {
  const clock = createFakeClock()
  const stop = new AbortController()
  const giveUp = new AbortController()
  const given = { softMs: 100, hardMs: 150, stop: stop.signal, giveUp: giveUp.signal, timer: clock.schedule }
  return { clock, stop, giveUp, given }
}

/** Work that hears the signal and goes on all the same. */
function deaf() {
  const heard: { signal: AbortSignal | null } = { signal: null }
  const work = (signal: AbortSignal) => {
    heard.signal = signal
    return new Promise<never>(() => {})
  }
  return { heard, work }
}

test('work that goes on after its soft limit is given up at its hard one, and leaves no timer behind', async () => {
  const { clock, given } = limits()
  const { heard, work } = deaf()
  const ended = expect(withinLimits('The job', given, work)).rejects.toMatchObject({
    code: 'ABORTED',
    message: 'The job did not stop within 150 ms and was given up.',
  })
  await clock.advance(99)
  expect(heard.signal?.aborted).toBe(false)
  await clock.advance(1)
  expect(heard.signal?.aborted).toBe(true)
  expect(clock.pending()).toBeGreaterThan(0)
  await clock.advance(50)
  await ended
  expect(clock.pending()).toBe(0)
})

test('a worker that stops tells its work, and gives up what does not end', async () => {
  const { stop, giveUp, given } = limits()
  const { heard, work } = deaf()
  const ended = expect(withinLimits('The job', given, work)).rejects.toMatchObject({ code: 'ABORTED' })
  stop.abort()
  expect(heard.signal?.aborted).toBe(true)
  giveUp.abort()
  await ended
})

test('work that ends in time is what counts', async () => {
  const { clock, given } = limits()
  await expect(withinLimits('The job', given, async () => 'done')).resolves.toBe('done')
  expect(clock.pending()).toBe(0)
})
