import { createContext, runInContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import {
  AuthenticationError,
  ConnectorsError,
  type ErrorCode,
  errorCodes,
  isConnectorsError,
  PermissionError,
  ProviderRejectedError,
  ProviderUnavailableError,
  RateLimitError,
} from '../../../src/core/domain/errors.ts'

const subclasses = [
  { make: AuthenticationError, name: 'AuthenticationError', code: 'AUTHENTICATION_FAILED', retryable: false },
  { make: PermissionError, name: 'PermissionError', code: 'PERMISSION_DENIED', retryable: false },
  { make: RateLimitError, name: 'RateLimitError', code: 'RATE_LIMITED', retryable: true },
  { make: ProviderRejectedError, name: 'ProviderRejectedError', code: 'PROVIDER_REJECTED', retryable: false },
  { make: ProviderUnavailableError, name: 'ProviderUnavailableError', code: 'PROVIDER_UNAVAILABLE', retryable: true },
] as const

describe('an error', () => {
  test.each([Number.NaN, -1])('does not tell a wait of %d ms', (retryAfterMs) => {
    expect(new RateLimitError('slow down', { retryAfterMs }).retryAfterMs).toBeUndefined()
  })

  test.each(errorCodes)('of code %s can be made, is told by its code and by no other', (code) => {
    const error = new ConnectorsError(code, 'what happened')
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ name: 'ConnectorsError', message: 'what happened', code })
    expect(errorCodes.filter((other) => isConnectorsError(error, other))).toEqual([code])
    expect(isConnectorsError(error)).toBe(true)
  })

  test('has a code in capitals that occurs once', () => {
    expect(new Set(errorCodes).size).toBe(errorCodes.length)
    for (const code of errorCodes) expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/)
  })

  test('is retryable where the same call may succeed later, unchanged', () => {
    const retryable = errorCodes.filter((code) => new ConnectorsError(code, '').retryable)
    expect(retryable.toSorted()).toEqual<ErrorCode[]>([
      'ABORTED',
      'CLAIM_LOST',
      'CONFLICT',
      'CONNECTION_NOT_OPERATIONAL',
      'HANDLER_FAILED',
      'KEYS_UNAVAILABLE',
      'LEASE_LOST',
      'PROVIDER_UNAVAILABLE',
      'QUEUE_UNAVAILABLE',
      'RATE_LIMITED',
      'STORE_UNAVAILABLE',
    ])
  })

  test('lets whoever throws it know better', () => {
    expect(new ConnectorsError('CONFLICT', '', { retryable: false }).retryable).toBe(false)
    expect(new ConnectorsError('STORE_FAILED', '', { retryable: true }).retryable).toBe(true)
  })

  test('keeps what led to it, also if that is null, and has no cause if there was none', () => {
    const cause = new Error('inner')
    expect(new ConnectorsError('STORE_FAILED', '', { cause }).cause).toBe(cause)
    expect(new ConnectorsError('STORE_FAILED', '', { cause: null }).cause).toBeNull()
    expect('cause' in new ConnectorsError('STORE_FAILED', '')).toBe(false)
  })

  test('carries status and wait where the other side told', () => {
    expect(new RateLimitError('slow down', { status: 429, retryAfterMs: 0 })).toMatchObject({
      status: 429,
      retryAfterMs: 0,
    })
    expect(new RateLimitError('slow down').retryAfterMs).toBeUndefined()
  })
})

describe('a subclass', () => {
  test.each(subclasses)('$name has its own name and code', ({ make, name, code, retryable }) => {
    const cause = new Error('inner')
    const error = new make('what happened', { cause, status: 418 })
    expect(error).toBeInstanceOf(ConnectorsError)
    expect(error).toMatchObject({ name, code, retryable, message: 'what happened', status: 418, cause })
    expect(isConnectorsError(error, code)).toBe(true)
    expect(String(error)).toBe(`${name}: what happened`)
  })
})

describe('telling our errors from others', () => {
  test('works across copies of the package', async () => {
    const address = '../../../src/core/domain/errors.ts?copy'
    const copy = (await import(/* @vite-ignore */ address)) as typeof import('../../../src/core/domain/errors.ts')
    const foreign = new copy.AuthenticationError('refused')
    expect(foreign).not.toBeInstanceOf(ConnectorsError)
    expect(isConnectorsError(foreign, 'AUTHENTICATION_FAILED')).toBe(true)
    expect(copy.isConnectorsError(new RateLimitError('slow down'), 'RATE_LIMITED')).toBe(true)
  })

  test('works across realms', () => {
    const foreign: unknown = runInContext(
      `Object.assign(new Error('x'), { code: 'CONFLICT', [Symbol.for('bapp-connectors.error')]: true })`,
      createContext(),
    )
    expect(foreign).not.toBeInstanceOf(Error)
    expect(isConnectorsError(foreign, 'CONFLICT')).toBe(true)
  })

  test.each([
    ['an ordinary error', new Error('x')],
    ['one with a code of ours', Object.assign(new Error('x'), { code: 'CONFLICT' })],
    ['one by name', Object.assign(new Error('x'), { name: 'ConnectorsError', code: 'CONFLICT' })],
    ['a lookalike made from JSON', JSON.parse(JSON.stringify(new ConnectorsError('CONFLICT', 'x')))],
    ['null', null],
    ['undefined', undefined],
    ['a string', 'CONFLICT'],
    ['a function', () => 1],
  ])('%s is none', (_, value: unknown) => {
    expect(isConnectorsError(value)).toBe(false)
    expect(isConnectorsError(value, 'CONFLICT')).toBe(false)
  })
})
