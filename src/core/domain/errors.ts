/**
 * Every error code of the library, and whether trying the same thing again later can help.
 * `docs/errors.md` lists what each means and what to do.
 */
const retryableByCode = {
  // mistakes in the program or its configuration
  INVALID_OPTIONS: false,
  INVALID_PROVIDER: false,
  INVALID_TENANT_ID: false,
  INVALID_CREDENTIALS: false,
  INVALID_SETTINGS: false,
  INVALID_INPUT: false,
  UNKNOWN_PROVIDER: false,
  UNKNOWN_RESOURCE: false,
  HANDLER_MISSING: false,
  HANDLER_FAILED: true,
  HANDLER_TIMEOUT: false,
  TOO_MANY_REJECTED: false,
  INSIDE_TRANSACTION: false,
  CLOSED: false,
  // sealed values
  UNKNOWN_KEY: false,
  WRONG_KEY: false,
  KEYS_UNAVAILABLE: true,
  KEY_IN_USE: false,
  SEALED_VALUE_TAMPERED: false,
  SEALED_VALUE_MALFORMED: false,
  // rows
  CONNECTION_NOT_FOUND: false,
  CONNECTION_DELETED: false,
  CONNECTION_EXISTS: false,
  CONNECTION_NOT_OPERATIONAL: true,
  WEBHOOK_EVENT_NOT_FOUND: false,
  CONFLICT: true,
  LEASE_LOST: true,
  CLAIM_LOST: true,
  STORE_UNAVAILABLE: true,
  STORE_FAILED: false,
  // jobs
  QUEUE_UNAVAILABLE: true,
  // webhooks
  WEBHOOKS_UNSUPPORTED: false,
  BODY_TOO_LARGE: false,
  BODY_PURGED: false,
  // OAuth
  OAUTH_UNSUPPORTED: false,
  OAUTH_ISSUER_MISMATCH: false,
  OAUTH_GRANT_INVALID: false,
  OAUTH_APP_REFUSED: false,
  // the third party
  AUTHENTICATION_FAILED: false,
  PERMISSION_DENIED: false,
  RATE_LIMITED: true,
  PROVIDER_REJECTED: false,
  PROVIDER_UNAVAILABLE: true,
  PROVIDER_FAILED: false,
  EGRESS_REFUSED: false,
  ABORTED: true,
} as const

/** The literal `code` of a {@link ConnectorsError}. */
export type ErrorCode = keyof typeof retryableByCode

/** All codes, for tables and tests. */
export const errorCodes: readonly ErrorCode[] = Object.keys(retryableByCode) as ErrorCode[]

const brand = Symbol.for('bapp-connectors.error')

/** What else an error may carry. */
export interface ErrorDetails {
  /** What led to it. */
  readonly cause?: unknown
  /** Overrides what the code says about trying again. */
  readonly retryable?: boolean
  /** Milliseconds to wait before trying again, where the other side told. */
  readonly retryAfterMs?: number
  /** HTTP status of the third party's answer, where there was one. */
  readonly status?: number
}

/**
 * The one base of everything this library throws. Tell errors apart by `code`.
 * Messages say what happened and what to do, and never contain a secret.
 */
export class ConnectorsError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name: string = 'ConnectorsError'
  /** What happened, for programs. */
  readonly code: C
  /** Whether the same call may succeed later, unchanged. */
  readonly retryable: boolean
  /** Milliseconds to wait before trying again, where the other side told. */
  readonly retryAfterMs: number | undefined
  /** HTTP status of the third party's answer, where there was one. */
  readonly status: number | undefined
  readonly [brand] = true

  constructor(code: C, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.retryable = details.retryable ?? retryableByCode[code]
    // From what a service said, by way of a provider's arithmetic: no number and a wait below zero say nothing.
    this.retryAfterMs = (details.retryAfterMs ?? -1) >= 0 ? details.retryAfterMs : undefined
    this.status = details.status
  }
}

/** The union of all errors of the library, for exhaustive `switch (error.code)`. */
export type AnyConnectorsError = { [C in ErrorCode]: ConnectorsError<C> }[ErrorCode]

/**
 * Whether a caught value is an error of this library (of the given code, if one is named).
 * Works across copies of the package in one process.
 */
export function isConnectorsError(error: unknown): error is AnyConnectorsError
export function isConnectorsError<C extends ErrorCode>(error: unknown, code: C): error is ConnectorsError<C>
export function isConnectorsError(error: unknown, code?: ErrorCode): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    (error as { [brand]?: unknown })[brand] === true &&
    (code === undefined || (error as { code?: unknown }).code === code)
  )
}

/** The third party refused our credentials. The only error that the circuit breaker counts. */
export class AuthenticationError extends ConnectorsError<'AUTHENTICATION_FAILED'> {
  override readonly name = 'AuthenticationError'
  constructor(message: string, details?: ErrorDetails) {
    super('AUTHENTICATION_FAILED', message, details)
  }
}

/** The credentials are fine, but don't allow this. Never counts as an authentication failure. */
export class PermissionError extends ConnectorsError<'PERMISSION_DENIED'> {
  override readonly name = 'PermissionError'
  constructor(message: string, details?: ErrorDetails) {
    super('PERMISSION_DENIED', message, details)
  }
}

/** The third party asked us to slow down; `retryAfterMs` says for how long, if it told. */
export class RateLimitError extends ConnectorsError<'RATE_LIMITED'> {
  override readonly name = 'RateLimitError'
  constructor(message: string, details?: ErrorDetails) {
    super('RATE_LIMITED', message, details)
  }
}

/** The third party understood the request and won't do it (4xx): trying again unchanged won't help. */
export class ProviderRejectedError extends ConnectorsError<'PROVIDER_REJECTED'> {
  override readonly name = 'ProviderRejectedError'
  constructor(message: string, details?: ErrorDetails) {
    super('PROVIDER_REJECTED', message, details)
  }
}

/** Network failure, time-out, 5xx, or an answer that was cut off or can't be parsed: trying again may help. */
export class ProviderUnavailableError extends ConnectorsError<'PROVIDER_UNAVAILABLE'> {
  override readonly name = 'ProviderUnavailableError'
  constructor(message: string, details?: ErrorDetails) {
    super('PROVIDER_UNAVAILABLE', message, details)
  }
}
