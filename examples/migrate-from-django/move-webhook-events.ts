import { type AnyProvider, idempotencyKey, type Json, type JsonObject, type TenantId } from 'bapp-connectors'
import { readTable, toObject, webhookEventRow } from './django-rows.ts'
import type { Migration, Moved, Tally } from './migration.ts'
import { stableId } from './stable-id.ts'

/** What was handled, or was a repetition of what had been. */
const ended: ReadonlySet<string> = new Set(['processed', 'duplicate'])

/**
 * Moves deliveries. What was processed stays so; everything else is kept as `dead`, for you to look at and replay: the ancestor
 * verified no signatures, so that nothing of it is handled by itself.
 */
export async function moveWebhookEvents<T extends TenantId, Tx>(
  { query, repositories, now, appLabel = 'connectors' }: Migration<T, Tx>,
  connections: ReadonlyMap<string, Moved<T>>,
  tally: Tally,
): Promise<void> {
  const table = `${appLabel}_webhookevent`
  for await (const rows of readTable(query, table, webhookEventRow)) {
    for (const row of rows) {
      const connection = connections.get(row.connection_id ?? '')
      if (connection === undefined) {
        tally.problems.push({ id: row.id, problem: 'its connection was not moved, or it has none' })
        continue
      }
      const { tenantId, provider } = connection
      const id = stableId(table, row.id, row.created_at)
      if ((await repositories.webhookEvents.find({ scope: { kind: 'tenant', tenantId }, id })) !== null) {
        tally.known += 1
        continue
      }
      // It came out of a JSON column. The bytes that were signed are lost: what is left is what Django made of them.
      const payload = row.payload as Json
      const rawBody = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload))
      const headers = withoutProofs(toObject(row.headers))
      const isEnded = ended.has(row.status)
      const { isNew } = await repositories.webhookEvents.insertIfAbsent({
        id,
        tenantId,
        connectionId: connection.id,
        provider: provider.name,
        eventType: row.event_type,
        idempotencyKey: idempotencyKey(deliveryIdOf(provider, headers, payload), rawBody),
        orderKey: null,
        rawBody,
        payload,
        headers,
        signatureValid: row.signature_valid,
        status: isEnded ? 'processed' : 'dead',
        attempts: 0,
        failureCount: 0,
        deliveries: 1,
        availableAt: null,
        claimExpiresAt: null,
        processedAt: isEnded ? (row.processed_at ?? row.created_at ?? now) : null,
        error: isEnded
          ? null
          : `Django left it as ${row.status}${row.error === null ? '' : `: ${withoutQueries(row.error)}`}`,
        errorKind: isEnded ? null : 'skipped',
        purgedAt: null,
        createdAt: row.created_at ?? now,
      })
      if (isNew) tally.moved += 1
      else tally.known += 1
    }
  }
}

/** The provider's own id of a delivery, by which a repetition is recognised. */
function deliveryIdOf({ webhooks }: AnyProvider, headers: JsonObject, payload: Json) {
  const source = webhooks?.deliveryId ?? null
  if (source === null || 'each' in source) return null
  const value = 'header' in source ? headers[source.header] : toObject(payload)[source.body]
  if (typeof value !== 'string' && !Number.isSafeInteger(value)) return null
  return { value: String(value), isSigned: 'header' in source ? source.isSigned : true }
}

function withoutProofs(headers: JsonObject): JsonObject {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  return Object.fromEntries(
    lower.filter(([name]) => !/authorization|cookie|token|secret|signature|api-?key/.test(name)),
  )
}

/** Tokens may stand in the query strings of addresses. */
export function withoutQueries(text: string): string {
  return text.replace(/(https?:\/\/[^\s?#"']*)[?#][^\s"']*/g, '$1')
}
