import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type BreakerEvent, type BreakerState, breaker } from '../../../src/core/domain/breaker.ts'

const instants = fc.integer({ min: 0, max: 50 }).map((ms) => new Date(ms))
const versions = fc.integer({ min: 1, max: 3 })
const threshold = 3

const failures = fc.record({
  type: fc.constant('authenticationFailed' as const),
  at: instants,
  reason: fc.constantFrom('refused', 'revoked'),
  threshold: fc.constant(threshold),
  credentialsVersion: versions,
  disconnect: fc.boolean(),
  needsReauthorization: fc.boolean(),
})
const successes = fc.record({
  type: fc.constant('succeeded' as const),
  startedAt: instants,
  credentialsVersion: versions,
  appliesToDisabled: fc.boolean(),
})
const events: fc.Arbitrary<BreakerEvent> = fc.oneof(
  failures,
  successes,
  fc.constantFrom({ type: 'credentialsReplaced' as const }, { type: 'enabled' as const }),
  fc.record({ type: fc.constant('disabled' as const), reason: fc.constantFrom(null, 'maintenance') }),
)

const healthy: BreakerState = {
  isEnabled: true,
  isConnected: true,
  authFailureCount: 0,
  lastAuthFailureAt: null,
  disabledReason: null,
  credentialsVersion: 1,
  needsReauthorization: false,
}
const anyStates = fc.array(events, { maxLength: 12 }).map((history) => history.reduce(breaker, healthy))

function failed(at: number, rest: Partial<Extract<BreakerEvent, { type: 'authenticationFailed' }>> = {}): BreakerEvent {
  const event = { type: 'authenticationFailed', at: new Date(at), reason: 'refused', threshold } as const
  return { ...event, credentialsVersion: 1, disconnect: false, needsReauthorization: false, ...rest }
}

function succeeded(startedAt: number, rest: Partial<Extract<BreakerEvent, { type: 'succeeded' }>> = {}): BreakerEvent {
  const event = { type: 'succeeded', startedAt: new Date(startedAt), credentialsVersion: 1 } as const
  return { ...event, appliesToDisabled: false, ...rest }
}

describe('a failure', () => {
  test('trips the breaker exactly when the consecutive ones reach the threshold, and not before', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 15 }), (threshold, count) => {
        const state = Array.from({ length: count }, (_, at) => failed(at, { threshold })).reduce(breaker, healthy)
        expect(state.authFailureCount).toBe(count)
        expect(state.isEnabled).toBe(count < threshold)
        expect(state.isConnected).toBe(count < threshold)
        expect(state.disabledReason).toBe(count < threshold ? null : 'refused')
        expect(state.lastAuthFailureAt).toEqual(new Date(count - 1))
      }),
    )
  })

  test('goes from enabled to disabled once, however many follow', () => {
    const states = [1, 2, 3, 4, 5].map((count) =>
      Array.from({ length: count }, (_, at) => failed(at)).reduce(breaker, healthy),
    )
    const transitions = states.filter((state, at) => (states[at - 1] ?? healthy).isEnabled && !state.isEnabled)
    expect(transitions).toHaveLength(1)
  })

  test('of a disabled connection counts, but does not overwrite why it is disabled', () => {
    const off = breaker(healthy, { type: 'disabled', reason: 'maintenance' })
    const state = [1, 2, 3, 4].map((at) => failed(at)).reduce(breaker, off)
    expect(state).toMatchObject({
      authFailureCount: 4,
      disabledReason: 'maintenance',
      isEnabled: false,
      isConnected: true,
    })
  })

  test('in a test of the connection disconnects at once, without disabling', () => {
    expect(breaker(healthy, failed(1, { disconnect: true, needsReauthorization: false }))).toMatchObject({
      isConnected: false,
      isEnabled: true,
    })
  })

  test('of older or unknown credentials changes nothing', () => {
    fc.assert(
      fc.property(anyStates, failures, (state, event) => {
        fc.pre(event.credentialsVersion !== state.credentialsVersion)
        expect(breaker(state, event)).toBe(state)
      }),
    )
  })
})

describe('a success', () => {
  test('starts the count anew, so that only consecutive failures trip', () => {
    const history = [failed(1), failed(2), succeeded(3), failed(4), failed(5)]
    expect(history.reduce(breaker, healthy)).toMatchObject({ authFailureCount: 2, isEnabled: true, isConnected: true })
    expect([...history, failed(6)].reduce(breaker, healthy)).toMatchObject({ authFailureCount: 3, isEnabled: false })
  })

  test('that began before the last failure changes nothing; one that began with it or after it does', () => {
    const state = breaker(healthy, failed(10))
    expect(breaker(state, succeeded(9))).toBe(state)
    expect(breaker(state, succeeded(10)).authFailureCount).toBe(0)
    expect(breaker(state, succeeded(11)).authFailureCount).toBe(0)
  })

  test('on a disabled connection changes nothing, unless it is a test; and even a test does not enable it', () => {
    const state = [1, 2, 3].map((at) => failed(at)).reduce(breaker, healthy)
    expect(breaker(state, succeeded(9))).toBe(state)
    expect(breaker(state, succeeded(9, { appliesToDisabled: true }))).toMatchObject({
      isConnected: true,
      isEnabled: false,
      authFailureCount: 0,
      disabledReason: 'refused',
    })
  })

  test('of other credentials, or on a healthy connection, returns the same object', () => {
    expect(breaker(healthy, succeeded(1))).toBe(healthy)
    const state = breaker(healthy, failed(1))
    expect(breaker(state, succeeded(2, { credentialsVersion: 2 }))).toBe(state)
  })
})

describe('the operator', () => {
  test('enabling forgets count and reason, but does not claim that the connection works', () => {
    const state = [1, 2, 3].map((at) => failed(at)).reduce(breaker, healthy)
    expect(breaker(state, { type: 'enabled' })).toEqual({
      ...state,
      isEnabled: true,
      authFailureCount: 0,
      lastAuthFailureAt: null,
      disabledReason: null,
      isConnected: false,
    })
  })

  test('new credentials start with no failures and make outcomes of the old ones stale', () => {
    const state = [failed(1), failed(2), { type: 'credentialsReplaced' } as const].reduce(breaker, healthy)
    expect(state).toMatchObject({
      credentialsVersion: 2,
      authFailureCount: 0,
      lastAuthFailureAt: null,
      isEnabled: true,
    })
    expect(breaker(state, failed(3))).toBe(state)
  })

  test('new credentials do not enable a disabled connection', () => {
    const state = [failed(1), failed(2), failed(3), { type: 'credentialsReplaced' } as const].reduce(breaker, healthy)
    expect(state.isEnabled).toBe(false)
  })
})

describe('whatever happens', () => {
  test('the state agrees with a model that counts by hand', () => {
    fc.assert(
      fc.property(fc.array(events, { maxLength: 40 }), (history) => {
        let state = healthy
        let count = 0
        for (const event of history) {
          const before = state
          state = breaker(before, event)
          const isCurrent = 'credentialsVersion' in event && event.credentialsVersion === before.credentialsVersion
          if (event.type === 'authenticationFailed' && isCurrent) count++
          if (event.type === 'succeeded' && state !== before) count = 0
          if (event.type === 'enabled' || event.type === 'credentialsReplaced') count = 0
          expect(state.authFailureCount).toBe(count)
          // Only three things move the switch.
          if (before.isEnabled !== state.isEnabled) {
            const why = state.isEnabled
              ? event.type === 'enabled'
              : event.type === 'disabled' || (event.type === 'authenticationFailed' && count >= threshold)
            expect(why).toBe(true)
          }
          // Only a success connects.
          if (!before.isConnected && state.isConnected) expect(event.type).toBe('succeeded')
          if (state.isEnabled) expect(state.disabledReason).toBeNull()
          expect(state.credentialsVersion).toBe(
            before.credentialsVersion + Number(event.type === 'credentialsReplaced'),
          )
        }
      }),
      { numRuns: 500 },
    )
  })

  test('an outcome that changes nothing returns the same object, and one that returns another changes something', () => {
    fc.assert(
      fc.property(anyStates, fc.oneof(failures, successes), (state, event) => {
        const after = breaker(state, event)
        if (after !== state) expect(after).not.toEqual(state)
      }),
      { numRuns: 500 },
    )
  })

  test('the state given is never altered, and members the breaker does not know are kept', () => {
    fc.assert(
      fc.property(anyStates, events, (state, event) => {
        const row = Object.freeze({ ...state, displayName: 'Main shop' })
        expect(breaker(row, event).displayName).toBe('Main shop')
      }),
    )
  })
})
