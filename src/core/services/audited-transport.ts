import type { Connection } from '../domain/connection.ts'
import { ConnectorsError, isConnectorsError } from '../domain/errors.ts'
import type { ExecutionLog } from '../domain/execution-log.ts'
import type { AdapterRequest } from '../domain/provider.ts'
import type { Redactor } from '../domain/redaction.ts'
import type { TenantId } from '../domain/tenant.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Clock } from '../ports/clock.ts'
import type { HttpResponse, HttpTransport } from '../ports/http-transport.ts'
import type { Ids } from '../ports/randomness.ts'
import type { AuditLog } from './audit-log.ts'
import { linkAbort } from './linked-abort.ts'

/** What an operation is called and belongs to, for the audit rows of its requests. */
export interface OperationLabel {
  readonly action: string
  readonly runId: string | null
  readonly signal: AbortSignal | null
}

/** Sends one request on behalf of a connection and records it, however it ends. */
export type AuditedTransport<T extends TenantId> = (
  request: AdapterRequest,
  of: { readonly connection: Connection<T>; readonly redactor: Redactor; readonly label: OperationLabel },
) => Promise<HttpResponse>

/** A transport that writes one redacted row per attempt. */
export function createAuditedTransport<T extends TenantId>({
  transport,
  audit,
  clock,
  ids,
  options,
}: {
  readonly transport: HttpTransport
  readonly audit: AuditLog<T>
  readonly clock: Clock
  readonly ids: Ids
  readonly options: Pick<ResolvedOptions, 'audit' | 'http'>
}): AuditedTransport<T> {
  const { bodies, maxBodyLength } = options.audit
  return async (request, { connection, redactor, label }) => {
    const startedAt = clock.now()
    const record = (
      end: Pick<ExecutionLog, 'responseStatus' | 'error'> & { readonly responseBody: Uint8Array | null },
    ) => {
      const isFailure = end.responseStatus === null || end.responseStatus >= 400
      const keep = bodies === 'always' || (bodies === 'failures' && isFailure)
      audit.record({
        id: ids.next(),
        tenantId: connection.tenantId,
        connectionId: connection.id,
        runId: label.runId,
        actor: null,
        action: label.action,
        method: request.method,
        url: storable(redactor.url(request.url)),
        requestPayload: keep ? bodyText(request.body, redactor, maxBodyLength) : null,
        responseStatus: end.responseStatus,
        responsePayload: keep ? bodyText(end.responseBody, redactor, maxBodyLength) : null,
        durationMs: Math.max(0, clock.now().getTime() - startedAt.getTime()),
        attempt: request.attempt,
        error: end.error === null ? null : storable(redactor.text(end.error)),
        createdAt: startedAt,
      })
    }

    const { attempt: _attempt, timeoutMs = options.http.timeoutMs, signal, ...rest } = request
    const abort = linkAbort([signal, label.signal])
    try {
      const response = await transport({ ...rest, timeoutMs, signal: abort.signal })
      record({ responseStatus: response.status, error: null, responseBody: response.body })
      return response
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      record({ responseStatus: null, error: message, responseBody: null })
      throw isConnectorsError(error) ? error : new ConnectorsError('PROVIDER_UNAVAILABLE', redactor.text(message))
    } finally {
      abort.unlink()
    }
  }
}

function bodyText(body: string | Uint8Array | null, redactor: Redactor, maxLength: number): string | null {
  if (body === null || body.length === 0) return null
  const text = redactor.body(typeof body === 'string' ? body : new TextDecoder().decode(body))
  const characters = Array.from(text.slice(0, 2 * maxLength))
  const isCut = characters.length > maxLength || text.length > 2 * maxLength
  return storable(isCut ? `${characters.slice(0, maxLength - 1).join('')}…` : text)
}

/** Text columns refuse NUL, and some refuse halves of surrogate pairs. */
function storable(text: string): string {
  return text.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\ufffd')
}
