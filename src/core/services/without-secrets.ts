import {
  type AnyConnectorsError,
  AuthenticationError,
  ConnectorsError,
  type ErrorCode,
  isConnectorsError,
  PermissionError,
  ProviderRejectedError,
  ProviderUnavailableError,
  RateLimitError,
} from '../domain/errors.ts'
import type { Redactor } from '../domain/redaction.ts'

/** What is bigger than this is not searched, and so not passed on. */
const mostObjects = 10_000
const mostBytes = 1_048_576

/** The codes that have a class of their own. */
const classes: Partial<Record<ErrorCode, new (message: string, details: object) => ConnectorsError>> = {
  AUTHENTICATION_FAILED: AuthenticationError,
  PERMISSION_DENIED: PermissionError,
  RATE_LIMITED: RateLimitError,
  PROVIDER_REJECTED: ProviderRejectedError,
  PROVIDER_UNAVAILABLE: ProviderUnavailableError,
}

/**
 * What provider code threw, as an error that can be shown: ours as it is, if it is clean; else one of ours of the same
 * code and class with a redacted message and no cause. `PROVIDER_FAILED` for what isn't ours.
 */
export function withoutSecrets(thrown: unknown, redactor: Redactor, providerName: string): AnyConnectorsError {
  const isClean = holdsNoSecret(thrown, redactor)
  if (isConnectorsError(thrown)) {
    if (isClean) return thrown
    const { code, message, retryable, retryAfterMs, status } = thrown
    const details = {
      retryable,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(status !== undefined && { status }),
    }
    const text = redactor.text(message)
    const Class = classes[code]
    // The code is that of the error, which is one of the union.
    return (
      Class === undefined ? new ConnectorsError(code, text, details) : new Class(text, details)
    ) as AnyConnectorsError
  }
  const message = `The provider ${providerName} failed: ${redactor.text(messageOf(thrown))}`
  return new ConnectorsError('PROVIDER_FAILED', message, isClean ? { cause: thrown } : {}) as AnyConnectorsError
}

function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message
  return typeof thrown === 'string' ? thrown : `it threw ${typeof thrown}`
}

/** Whether nothing that could be printed of a value is secret. What can't be looked into counts as secret. */
export function holdsNoSecret(value: unknown, redactor: Redactor, seen = new Set<object>()): boolean {
  if (typeof value === 'string') return redactor.text(value) === value
  if (typeof value !== 'object' || value === null || seen.has(value)) return true
  if (seen.size >= mostObjects) return false
  seen.add(value)
  const isClean = (part: unknown) => holdsNoSecret(part, redactor, seen)
  if (value instanceof Uint8Array) {
    return value.byteLength <= mostBytes && isClean(new TextDecoder().decode(value))
  }
  if (value instanceof URL) return isClean(value.href)
  if (value instanceof Map || value instanceof Set) {
    for (const part of value) if (!isClean(part)) return false
  } else if (value instanceof Error) {
    if (!isClean(value.stack)) return false
  } else if (!isPlain(value)) return false
  return Reflect.ownKeys(value).every((key) => {
    const property = Object.getOwnPropertyDescriptor(value, key)
    if (key === 'stack' || property === undefined) return true
    return 'value' in property && isClean(String(key)) && isClean(property.value)
  })
}

/** Anything else may keep private what it prints. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || Array.isArray(value) || value instanceof Date
}
