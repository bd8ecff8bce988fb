import type { Connection } from '../domain/connection.ts'
import { ConnectorsError, isConnectorsError } from '../domain/errors.ts'
import type { ExecutionLog } from '../domain/execution-log.ts'
import type { AdapterRequest, RateLimit } from '../domain/provider.ts'
import type { Redactor } from '../domain/redaction.ts'
import { storableText } from '../domain/storable-text.ts'
import type { TenantId } from '../domain/tenant.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Clock } from '../ports/clock.ts'
import type { HttpResponse, HttpTransport } from '../ports/http-transport.ts'
import type { Ids } from '../ports/randomness.ts'
import type { AuditLog } from './audit-log.ts'
import type { Lifecycle } from './lifecycle.ts'
import { linkAbort } from './linked-abort.ts'
import type { RateLimiter } from './rate-limiter.ts'

/** What an operation is called and belongs to, for the audit rows of its requests. */
export interface OperationLabel {
  readonly action: string
  readonly runId: string | null
  readonly signal: AbortSignal | null
  /** Told when a request may have changed something at the provider. */
  readonly onEffect?: () => void
}

/** Characters that a secret and its encodings may have around the place where a body is cut. */
const longestSecret = 16_384

/**
 * Sends one request on behalf of a connection, when its turn has come, and records it, however it ends. One that never got
 * its turn was not sent and leaves no row.
 */
export type AuditedTransport<T extends TenantId> = (
  request: AdapterRequest,
  of: {
    readonly connection: Pick<Connection<T>, 'id' | 'tenantId'>
    readonly redactor: Redactor
    readonly label: OperationLabel
    readonly rateLimit: RateLimit | null
    /** Whether a good answer holds secrets that nobody knows yet: then no body of it is kept, whatever the options say. */
    readonly answersSecrets?: boolean
  },
) => Promise<HttpResponse>

/** A transport that writes one redacted row per attempt. */
export function createAuditedTransport<T extends TenantId>({
  transport,
  audit,
  rateLimiter,
  clock,
  ids,
  lifecycle,
  options,
}: {
  readonly transport: HttpTransport
  readonly audit: AuditLog<T>
  readonly rateLimiter: RateLimiter
  readonly lifecycle: Pick<Lifecycle, 'track'>
  readonly clock: Clock
  readonly ids: Ids
  readonly options: Pick<ResolvedOptions, 'audit' | 'http' | 'rateLimit'>
}): AuditedTransport<T> {
  const { bodies, maxBodyLength } = options.audit
  const exchange = async (
    { attempt, timeoutMs = options.http.timeoutMs, deadlineAt, ...request }: AdapterRequest,
    signal: AbortSignal,
    { connection, redactor, label, answersSecrets = false }: Parameters<AuditedTransport<T>>[1],
  ): Promise<HttpResponse> => {
    const startedAt = clock.now()
    const record = (
      end: Pick<ExecutionLog, 'responseStatus' | 'error'> & { readonly responseBody: Uint8Array | null },
    ) => {
      const isFailure = end.responseStatus === null || end.responseStatus >= 400
      const keep = (bodies === 'always' && !answersSecrets) || (bodies !== 'never' && isFailure)
      audit.record({
        id: ids.next(),
        tenantId: connection.tenantId,
        connectionId: connection.id,
        runId: label.runId,
        actor: null,
        action: label.action,
        method: request.method,
        url: storableText(redactor.url(request.url)),
        requestPayload: keep ? bodyText(request.body, redactor, maxBodyLength) : null,
        responseStatus: end.responseStatus,
        responsePayload: keep ? bodyText(end.responseBody, redactor, maxBodyLength) : null,
        durationMs: Math.max(0, clock.now().getTime() - startedAt.getTime()),
        attempt,
        error: end.error === null ? null : storableText(redactor.text(end.error)),
        createdAt: startedAt,
      })
    }

    try {
      const leftMs = deadlineAt === undefined ? timeoutMs : Math.max(1, deadlineAt.getTime() - startedAt.getTime())
      const response = await transport({ ...request, timeoutMs: Math.min(timeoutMs, leftMs), signal })
      record({ responseStatus: response.status, error: null, responseBody: response.body })
      return response
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      record({ responseStatus: null, error: message, responseBody: null })
      throw isConnectorsError(error) ? error : new ConnectorsError('PROVIDER_UNAVAILABLE', redactor.text(message))
    }
  }

  const inTurn: AuditedTransport<T> = async (request, of) => {
    const abort = linkAbort([request.signal, of.label.signal])
    try {
      if (of.rateLimit !== null) {
        const latest = clock.now().getTime() + options.rateLimit.maxWaitMs
        const deadlineAt = new Date(Math.min(latest, request.deadlineAt?.getTime() ?? latest))
        await rateLimiter.turn(of.connection.id, of.rateLimit, { signal: abort.signal, deadlineAt })
      }
      return await exchange(request, abort.signal, of)
    } finally {
      abort.unlink()
    }
  }
  // A run that is stopped leaves its exchange alone; the row that tells of it shall be written all the same.
  return (request, of) => lifecycle.track(of.label.action, inTurn(request, of))
}

/**
 * A body as it is kept: redacted, at most `maxLength` characters. Only a part of a large body is looked at. What a secret at
 * the end of that part begins with can't be recognised, so that the last characters are never kept, however much was redacted
 * before them.
 */
function bodyText(body: string | Uint8Array | null, redactor: Redactor, maxLength: number): string | null {
  if (body === null || body.length === 0) return null
  const part = (from: number, to: number) =>
    typeof body === 'string' ? body.slice(from, to) : new TextDecoder().decode(body.subarray(from, to))
  const looked = 4 * maxLength + longestSecret
  const isPart = body.length > looked
  // Storable first: NULs between its letters would hide a secret, and then be taken out.
  const characters = Array.from(redactor.body(storableText(part(0, looked))))
  const unsure = isPart ? Array.from(part(looked - longestSecret, looked)).length : 0
  const kept = characters.slice(0, Math.max(0, characters.length - unsure))
  return isPart || kept.length > maxLength ? `${kept.slice(0, maxLength - 1).join('')}…` : kept.join('')
}
