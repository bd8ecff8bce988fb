import type { Connection } from '../domain/connection.ts'
import { createRedactor } from '../domain/redaction.ts'
import type { TenantId } from '../domain/tenant.ts'
import type { Clock } from '../ports/clock.ts'
import type { OAuthApp, OAuthExchange } from '../ports/oauth-client.ts'
import type { AuditedTransport } from './audited-transport.ts'

/** How long a token endpoint may take, the look-up of the server's metadata included. */
export const tokenRequestTimeoutMs = 10_000

/** How a token request of an application goes out on behalf of a connection: it leaves rows in the audit log. */
export function tokenExchange<T extends TenantId>(
  { transport, clock }: { readonly transport: AuditedTransport<T>; readonly clock: Clock },
  request: {
    readonly app: OAuthApp
    readonly connection: Pick<Connection<T>, 'id' | 'tenantId'>
    /** What the rows say that it was. */
    readonly action: 'oauth.exchange' | 'oauth.refresh'
    /** What is sent beside the application's secret, and belongs into no row. */
    readonly secrets: readonly (string | null)[]
    readonly signal: AbortSignal | null
  },
): OAuthExchange {
  const { app, connection, action, secrets, signal } = request
  const redactor = createRedactor([app.clientSecret, ...secrets].filter((secret) => secret !== null))
  const of = { connection, redactor, label: { action, runId: null, signal }, rateLimit: null, answersSecrets: true }
  return {
    at: clock.now(),
    timeoutMs: tokenRequestTimeoutMs,
    signal,
    send: ({ signal: own, ...sent }) => transport({ ...sent, attempt: 1, ...(own !== null && { signal: own }) }, of),
  }
}
