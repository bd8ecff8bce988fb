import type { ErrorCode } from '../domain/errors.ts'
import type { SyncFailureKind } from '../domain/sync-result.ts'

const kindByCode: Partial<Record<ErrorCode, SyncFailureKind>> = {
  AUTHENTICATION_FAILED: 'authentication',
  RATE_LIMITED: 'rate-limited',
  PROVIDER_UNAVAILABLE: 'transient',
  STORE_UNAVAILABLE: 'transient',
  KEYS_UNAVAILABLE: 'transient',
  HANDLER_FAILED: 'handler',
  HANDLER_TIMEOUT: 'handler',
  TOO_MANY_REJECTED: 'handler',
  INSIDE_TRANSACTION: 'handler',
  STORE_FAILED: 'handler',
  UNKNOWN_KEY: 'configuration',
  WRONG_KEY: 'configuration',
  SEALED_VALUE_TAMPERED: 'configuration',
  SEALED_VALUE_MALFORMED: 'configuration',
  INVALID_CREDENTIALS: 'configuration',
  INVALID_SETTINGS: 'configuration',
  INVALID_PROVIDER: 'configuration',
  CONNECTION_NOT_FOUND: 'configuration',
  EGRESS_REFUSED: 'configuration',
}

/** What an error says about the run that it ended. */
export function syncFailureKind(code: ErrorCode): SyncFailureKind {
  return kindByCode[code] ?? 'provider'
}
