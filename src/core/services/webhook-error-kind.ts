import { type ErrorCode, isConnectorsError } from '../domain/errors.ts'
import type { WebhookErrorKind } from '../domain/webhook-event.ts'

const kindByCode: Partial<Record<ErrorCode, WebhookErrorKind>> = {
  HANDLER_TIMEOUT: 'timeout',
  STORE_UNAVAILABLE: 'store',
  STORE_FAILED: 'store',
  CONFLICT: 'store',
  UNKNOWN_PROVIDER: 'configuration',
  WEBHOOKS_UNSUPPORTED: 'configuration',
  UNKNOWN_KEY: 'configuration',
  WRONG_KEY: 'configuration',
  SEALED_VALUE_TAMPERED: 'configuration',
  SEALED_VALUE_MALFORMED: 'configuration',
  AUTHENTICATION_FAILED: 'provider',
  PERMISSION_DENIED: 'provider',
  RATE_LIMITED: 'provider',
  PROVIDER_REJECTED: 'provider',
  PROVIDER_UNAVAILABLE: 'provider',
  PROVIDER_FAILED: 'provider',
  EGRESS_REFUSED: 'provider',
  CONNECTION_NOT_OPERATIONAL: 'provider',
}

/** What an error says about a delivery that it ended. What a handler threw counts, where that is ours. */
export function webhookErrorKind(error: unknown): WebhookErrorKind {
  const thrown = isConnectorsError(error, 'HANDLER_FAILED') ? error.cause : error
  return (isConnectorsError(thrown) ? kindByCode[thrown.code] : undefined) ?? 'handler'
}
