import { createHash, createHmac, randomUUID } from 'node:crypto'
import { signatureHeader } from './bench-provider.ts'
import { webhookSecret } from './database.ts'

const bodyBytes = 1_536

/** A delivery as a service would send it. */
export interface Delivery {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** A genuine delivery like no other, with a body of 1.5 kB. */
export function newDelivery(): Delivery {
  const id = randomUUID()
  const order = {
    id,
    number: 4711,
    currency: 'EUR',
    total: '129.90',
    customer: { email: 'someone@example.com' },
    text: '',
  }
  const text = 'Lorem ipsum dolor sit amet, '.repeat(60).slice(0, bodyBytes - JSON.stringify(order).length)
  const body = Buffer.from(JSON.stringify({ ...order, text }))
  const signature = createHmac('sha256', webhookSecret).update(body).digest('hex')
  return {
    headers: {
      'content-type': 'application/json',
      'user-agent': 'bench/1',
      'x-bench-event': 'order.created',
      'x-bench-delivery': id,
      [signatureHeader]: `sha256=${signature}`,
    },
    body,
  }
}

/** The row that the library would make of a delivery, ready for a bare statement: whoever inserts it does nothing else. */
export function rowOf(
  { headers, body }: Delivery,
  { tenantId, connectionId }: { tenantId: string; connectionId: string },
) {
  const at = new Date().toISOString()
  return [
    randomUUID().replaceAll('-', ''),
    tenantId,
    connectionId,
    'bench',
    'order.created',
    createHash('sha256').update(body).digest('hex'),
    null,
    body,
    Buffer.from(body).toString(),
    JSON.stringify(headers),
    true,
    'received',
    0,
    0,
    1,
    at,
    null,
    null,
    null,
    null,
    null,
    at,
  ]
}

const columns = [
  'id',
  'tenantId',
  'connectionId',
  'provider',
  'eventType',
  'idempotencyKey',
  'orderKey',
  'rawBody',
  'payload',
  'headers',
  'signatureValid',
  'status',
  'attempts',
  'failureCount',
  'deliveries',
  'availableAt',
  'claimExpiresAt',
  'processedAt',
  'error',
  'errorKind',
  'purgedAt',
  'createdAt',
]

/** The statement for such a row, prepared once per database connection. */
export const bareInsert = {
  name: 'bare-insert',
  text: `INSERT INTO connectors_webhook_event (${columns.map((column) => `"${column}"`).join(', ')})
    VALUES (${columns.map((_, index) => `$${index + 1}`).join(', ')})
    ON CONFLICT ("connectionId", "idempotencyKey") DO UPDATE SET deliveries = connectors_webhook_event.deliveries + 1
    RETURNING id, deliveries`,
}

/** Things that were made before they are needed. */
export function stock<Thing>(make: () => Thing) {
  const things: Thing[] = []
  return {
    fill: (count: number) => {
      while (things.length < count) things.push(make())
    },
    take: () => things.pop() ?? make(),
  }
}
