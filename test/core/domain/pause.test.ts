import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { notPaused, outagePauseMs, type PauseEvent, type PauseState, pauses } from '../../../src/core/domain/pause.ts'

const instants = fc.integer({ min: 0, max: 50 }).map((ms) => new Date(ms))
const versions = fc.integer({ min: 1, max: 2 })
const events: fc.Arbitrary<PauseEvent> = fc.oneof(
  fc.record({
    type: fc.constant('paused' as const),
    untilAt: instants,
    reason: fc.constantFrom(null, 'away', 'slow down'),
    credentialsVersion: fc.option(versions),
    seenPauseCount: fc.option(fc.nat({ max: 3 })),
  }),
  fc.record({
    type: fc.constant('resumed' as const),
    answer: fc.option(fc.record({ startedAt: instants, credentialsVersion: versions })),
  }),
)
const healthy: PauseState = { ...notPaused, credentialsVersion: 1 }

function outage(untilMs: number, seenPauseCount: number): PauseEvent {
  return { type: 'paused', untilAt: new Date(untilMs), reason: 'away', credentialsVersion: 1, seenPauseCount }
}

function answered(startedMs: number, credentialsVersion = 1): PauseEvent {
  return { type: 'resumed', answer: { startedAt: new Date(startedMs), credentialsVersion } }
}

describe('a pause', () => {
  test('for an outage counts once, however many met it', () => {
    const state = [outage(10, 0), outage(12, 0), outage(99, 0)].reduce(pauses, healthy)
    expect(state).toEqual({ ...healthy, pausedUntil: new Date(10), pauseReason: 'away', pauseCount: 1 })
    expect(pauses(state, outage(20, 1))).toMatchObject({ pausedUntil: new Date(20), pauseCount: 2 })
  })

  test('never becomes shorter, and only answers and operators end it', () => {
    fc.assert(
      fc.property(fc.array(events, { maxLength: 20 }), (history) => {
        let state = healthy
        for (const event of history) {
          const before = state
          state = pauses(before, event)
          if (before.pausedUntil === null) continue
          if (state.pausedUntil === null) expect(event.type).toBe('resumed')
          else expect(state.pausedUntil.getTime()).toBeGreaterThanOrEqual(before.pausedUntil.getTime())
        }
      }),
      { numRuns: 500 },
    )
  })

  test('that is not of an outage leaves the count alone', () => {
    const state = pauses(healthy, outage(10, 0))
    const slowDown: PauseEvent = { ...outage(20, 0), type: 'paused', seenPauseCount: null } as PauseEvent
    expect(pauses(state, slowDown)).toMatchObject({ pausedUntil: new Date(20), pauseCount: 1 })
  })

  test('takes the lease of a probe with it', () => {
    const probed = { ...pauses(healthy, outage(10, 0)), probeLeaseOwner: 'me', probeLeaseExpiresAt: new Date(99) }
    expect(pauses(probed, outage(30, 1))).toMatchObject({ probeLeaseOwner: null, probeLeaseExpiresAt: null })
    expect(pauses(probed, answered(10))).toEqual(healthy)
  })

  test('ends by an answer to a call that began when it was over, with the current credentials, and by no other', () => {
    const state = pauses(healthy, outage(10, 0))
    expect(pauses(state, answered(9))).toBe(state)
    expect(pauses(state, answered(10, 2))).toBe(state)
    expect(pauses(state, answered(10))).toEqual(healthy)
    expect(pauses(state, { type: 'resumed', answer: null })).toEqual(healthy)
  })

  test('is not made by a failure of other credentials', () => {
    expect(pauses({ ...healthy, credentialsVersion: 2 }, outage(10, 0))).toEqual({ ...healthy, credentialsVersion: 2 })
  })
})

test('an event that changes nothing returns the same object, and members that pauses do not know are kept', () => {
  fc.assert(
    fc.property(fc.array(events, { maxLength: 8 }), events, (history, event) => {
      const state = Object.freeze({ ...history.reduce(pauses, healthy), displayName: 'Main shop' })
      const after = pauses(state, event)
      expect(after.displayName).toBe('Main shop')
      if (after !== state) expect(after).not.toEqual(state)
    }),
  )
})

describe('the length of a pause', () => {
  const limits = { baseMs: 30_000, maxMs: 3_600_000 }

  test('doubles at most with every outage in a row, up to the longest', () => {
    const longest = (count: number) => outagePauseMs(count, { ...limits, fraction: 1 })
    expect([1, 2, 3, 6, 7, 8, 1_000].map(longest)).toEqual([
      60_000, 120_000, 240_000, 1_920_000, 3_600_000, 3_600_000, 3_600_000,
    ])
  })

  test('is anything from the shortest on, so that probes of many connections spread', () => {
    expect(outagePauseMs(3, { ...limits, fraction: 0 })).toBe(30_000)
    expect(outagePauseMs(3, { ...limits, fraction: 0.5 })).toBe(135_000)
    expect(outagePauseMs(3, { baseMs: 5_000, maxMs: 5_000, fraction: 0.9 })).toBe(5_000)
  })
})
