import { isConnectorsError } from '../../core/domain/errors.ts'
import type { TenantId } from '../../core/domain/tenant.ts'
import type { WebhookEvent } from '../../core/domain/webhook-event.ts'
import { gather } from '../kit/gather.ts'
import type { WebhookEventRow } from './prisma-client-like.ts'
import type { PrismaSession } from './prisma-session.ts'
import type { RawTable } from './raw-table.ts'

/** What an insert came to: the row of the delivery, new or known. */
export interface InsertedWebhook<T extends TenantId> {
  readonly isNew: boolean
  readonly row: WebhookEventRow<T>
}

/** Inserts a delivery, or counts it; alone or with others that arrive at the same time. */
export type InsertWebhook<T extends TenantId> = (event: WebhookEvent<T>) => Promise<InsertedWebhook<T>>

/** A row as the statement answers it. `stored` is there only for deliveries that were known. */
interface Answered<T extends TenantId> {
  readonly id: string
  readonly tenantId: T
  readonly connectionId: string
  readonly idempotencyKey: string
  readonly deliveries: number
  readonly stored: Readonly<Record<string, unknown>> | null
}

/** Every column of the model. */
const columns = {
  id: true,
  tenantId: true,
  connectionId: true,
  provider: true,
  eventType: true,
  idempotencyKey: true,
  orderKey: true,
  rawBody: true,
  payload: true,
  headers: true,
  signatureValid: true,
  status: true,
  attempts: true,
  failureCount: true,
  deliveries: true,
  availableAt: true,
  claimExpiresAt: true,
  processedAt: true,
  error: true,
  errorKind: true,
  purgedAt: true,
  createdAt: true,
} satisfies Record<keyof WebhookEvent, true>

/** Their names. */
export const webhookColumns: readonly string[] = Object.keys(columns)

const instants = ['availableAt', 'claimExpiresAt', 'processedAt', 'purgedAt', 'createdAt'] as const

/**
 * Inserts deliveries that arrive together by one statement, so that they share its costs and its commit: each is answered
 * after the commit. A batch that the database refuses is done one by one, so that a bad row fails alone.
 *
 * The rows travel as one JSON text, which PostgreSQL takes apart by the column types of the table itself. The first delivery is
 * inserted by Prisma: only where it is found in the table that our statement names, the statement is used.
 */
export function prismaWebhookInserts<T extends TenantId>(
  session: Pick<PrismaSession<T>, 'run'>,
  table: RawTable,
  alone: InsertWebhook<T>,
): InsertWebhook<T> {
  const { name, query } = table
  const listed = table.columns.map((column) => `"${column}"`).join(', ')
  const sql = `INSERT INTO ${name} AS known (${listed})
    SELECT ${listed} FROM jsonb_populate_recordset(NULL::${name}, $1::jsonb)
    ON CONFLICT ("connectionId", "idempotencyKey") DO UPDATE SET "deliveries" = known."deliveries" + 1
    RETURNING "id", "tenantId", "connectionId", "idempotencyKey", "deliveries",
      CASE WHEN "deliveries" > 1 THEN to_jsonb(known) || jsonb_build_object('rawBody', encode("rawBody", 'hex')) END AS "stored"`

  const together = async (events: readonly WebhookEvent<T>[]): Promise<readonly InsertedWebhook<T>[]> => {
    // In the order of their keys: of two statements that lock the same rows one waits for the other, and not both.
    const rows = events.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)).map(toJsonRow)
    // The columns of this statement are those of its RETURNING.
    const answers = (await session.run(() => query(sql, JSON.stringify(rows)))) as readonly Answered<T>[]
    const byKey = new Map(answers.map((answer) => [keyOf(answer), answer]))
    return events.map((event) => {
      const answer = byKey.get(keyOf(event))
      if (answer === undefined) throw new Error(`The database did not answer for delivery ${event.id}.`)
      const isNew = answer.id === event.id && answer.deliveries === event.deliveries
      return { isNew, row: answer.stored === null ? event : toRow(answer.stored, answer.tenantId) }
    })
  }

  const gathered = gather<WebhookEvent<T>, InsertedWebhook<T>>({
    keyOf,
    weightOf: ({ rawBody }) => rawBody.byteLength,
    maxWeight: 1_048_576,
    maxItems: 100,
    maxRunning: 2,
    work: async (events) => {
      try {
        return await together(events)
      } catch (error) {
        // Tried one by one, each of them would wait for a store that is away.
        if (events.length === 1 || isConnectorsError(error, 'STORE_UNAVAILABLE')) throw error
      }
      return events.map(alone)
    },
  })

  /** Whether our name of the table means Prisma's table; `null` = nobody has looked yet. */
  let isSameTable: boolean | null = null
  const look = async ({ id }: WebhookEventRow<T>) => {
    try {
      const rows = await session.run(() => query(`SELECT "id" FROM ${name} WHERE "id" = $1`, id))
      isSameTable = Array.isArray(rows) && rows.length === 1
    } catch (error) {
      if (!isConnectorsError(error, 'STORE_UNAVAILABLE')) isSameTable = false
    }
  }
  return async (event) => {
    if (isSameTable === true) return gathered(event)
    const inserted = await alone(event)
    // Prisma may be told of another schema than connections have in their search path.
    if (isSameTable === null) await look(inserted.row)
    return inserted
  }
}

function keyOf({ connectionId, idempotencyKey }: Pick<WebhookEvent, 'connectionId' | 'idempotencyKey'>): string {
  return `${connectionId} ${idempotencyKey}`
}

function toJsonRow<T extends TenantId>({ tenantId, rawBody, ...event }: WebhookEvent<T>) {
  const { buffer, byteOffset, byteLength } = rawBody
  return {
    ...event,
    // JSON has no bigint; the column's type reads the text.
    tenantId: typeof tenantId === 'bigint' ? String(tenantId) : tenantId,
    rawBody: `\\x${Buffer.from(buffer, byteOffset, byteLength).toString('hex')}`,
  }
}

function toRow<T extends TenantId>(stored: Readonly<Record<string, unknown>>, tenantId: T): WebhookEventRow<T> {
  const dates = instants.map((name) => {
    const text = stored[name]
    // UTC without saying so: docs/decisions/postgresql-instants.md
    return [name, typeof text === 'string' ? new Date(/[Z+]/.test(text) ? text : `${text}Z`) : null]
  })
  const rawBody = new Uint8Array(Buffer.from(String(stored.rawBody), 'hex'))
  // All columns are there, with the types that JSON has; these are those that it hasn't.
  return { ...stored, tenantId, rawBody, ...Object.fromEntries(dates) } as unknown as WebhookEventRow<T>
}
