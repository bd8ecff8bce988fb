import type { JsonObject } from 'bapp-connectors'
import { z } from 'zod'

/** Runs SQL that only reads, on the database of Django; any driver will do. */
export type Query = (sql: string) => Promise<readonly unknown[]>

// PostgreSQL has types for these, SQLite has numbers and texts.
const flag = z.union([z.boolean(), z.int(), z.bigint()]).transform(Boolean)
const count = z.union([z.int(), z.bigint()]).transform(Number)
const key = z.union([z.int(), z.bigint(), z.string()]).transform(String)
const instant = z.union([z.date(), z.string().transform(toInstant)]).nullish()
const text = z
  .string()
  .nullish()
  .transform((value) => value || null)
const json = z.unknown().transform((value): unknown => (typeof value === 'string' ? parse(value) : value))

const created = { id: key, created_at: instant }

/** A row of AbstractConnection. `tenant` is the column of your own foreign key. */
export const connectionRow = (tenant: string) =>
  z
    .looseObject({
      ...created,
      [tenant]: key,
      provider_family: z.string(),
      provider_name: z.string(),
      display_name: z.string(),
      credentials_encrypted: z.string(),
      config: json,
      is_enabled: flag,
      is_connected: flag,
      auth_failure_count: count,
      last_auth_failure_at: instant,
      disabled_reason: text,
    })
    .transform((row) => ({ ...row, tenant: String(row[tenant]), config: toObject(row.config) }))

/** A row of AbstractSyncState. */
export const syncStateRow = z.object({
  ...created,
  connection_id: key,
  resource_type: z.string(),
  cursor: text,
  status: z.string(),
  last_sync_at: instant,
})

/** A row of AbstractWebhookEvent. */
export const webhookEventRow = z.object({
  ...created,
  connection_id: key.nullish(),
  event_type: z.string(),
  payload: json,
  headers: json,
  signature_valid: flag,
  status: z.string(),
  processed_at: instant,
  error: text,
})

/** A row of AbstractExecutionLog. Payloads are left where they are: the ancestor kept secrets in them. */
export const executionLogRow = z.object({
  ...created,
  connection_id: key,
  action: z.string(),
  method: z.string(),
  url: z.string(),
  response_status: count.nullish(),
  duration_ms: count.nullish(),
  error: text,
})

/** The rows of a table, some hundred at a time, in the order of their primary keys. */
export async function* readTable<S extends z.ZodType<{ readonly id: string }>>(
  query: Query,
  table: string,
  schema: S,
): AsyncGenerator<readonly z.output<S>[]> {
  for (let after = '0'; ; ) {
    const rows = await query(`SELECT * FROM ${table} WHERE id > ${after} ORDER BY id LIMIT 500`)
    const batch = rows.map((row) => schema.parse(row))
    const last = batch.at(-1)?.id
    if (last === undefined) return
    yield batch
    if (!/^\d+$/.test(last)) throw new Error(`The primary key of ${table} is not a number.`)
    after = last
  }
}

/** Only objects: anything else has no members to go by. */
export function toObject(value: unknown): JsonObject {
  // It came out of a JSON column.
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
}

/** Django keeps UTC (USE_TZ), and SQLite has no type for it: `2026-01-31 12:00:00.123456`. */
function toInstant(stored: string): Date {
  return new Date(/(Z|[+-]\d\d:\d\d)$/.test(stored) ? stored : `${stored.replace(' ', 'T')}Z`)
}

function parse(stored: string): unknown {
  try {
    return JSON.parse(stored)
  } catch {
    return stored
  }
}
