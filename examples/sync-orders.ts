import { type ConnectorsOptions, createConnectors } from 'bapp-connectors'
import { woocommerce } from 'bapp-connectors/providers/woocommerce'
import { and, eq, lt } from 'drizzle-orm'
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { openDatabase } from './drizzle-sqlite.ts'

/** Your own table of orders. */
export const orders = sqliteTable('orders', {
  id: text('id').primaryKey(),
  connectionId: text('connection_id').notNull(),
  status: text('status').notNull(),
  total: text('total').notNull(),
  generation: integer('generation').notNull(),
  writtenAt: integer('written_at', { mode: 'timestamp_ms' }).notNull(),
})

/** A search index, an ERP, a message broker: whatever your database's transaction can't reach. */
export interface SearchIndex {
  put(documents: readonly { readonly id: string; readonly name: string }[]): Promise<void>
}

/** The library with orders that are kept in a table, and products that go to a search index. */
export function startConnectors(
  { repositories }: Awaited<ReturnType<typeof openDatabase>>,
  searchIndex: SearchIndex,
  options: Pick<ConnectorsOptions, 'encryption' | 'http'>,
) {
  return createConnectors(repositories, {
    ...options,
    providers: [woocommerce],
    handlers: {
      'shop.orders': {
        onPage: async ({ items, connection, generation, reject, tx }) => {
          for (const { externalId, status, total } of items) {
            const id = `${connection.id}:${externalId}`
            if (status === null) {
              reject({ externalId, reason: 'it has a status that nobody has explained' })
              // But it is there: the sweep of a full pass must not take it for gone.
              await tx.update(orders).set({ generation }).where(eq(orders.id, id))
              continue
            }
            const values = {
              connectionId: connection.id,
              status,
              total: total.amount,
              generation,
              writtenAt: new Date(),
            }
            await tx
              .insert(orders)
              .values({ id, ...values })
              .onConflictDoUpdate({ target: orders.id, set: values })
          }
        },
        // What the full pass has not seen, and nobody has written since it began, is gone.
        onSweep: async ({ connection, generation, startedAt, tx }) => {
          const isOurs = eq(orders.connectionId, connection.id)
          await tx.delete(orders).where(and(isOurs, lt(orders.generation, generation), lt(orders.writtenAt, startedAt)))
        },
      },
      'shop.products': {
        atLeastOnce: {
          onPage: async ({ items, connection }) => {
            await searchIndex.put(items.map(({ externalId, name }) => ({ id: `${connection.id}:${externalId}`, name })))
          },
        },
      },
    },
  })
}

/** A run with a budget, and what may become of it. */
export async function syncForAMinute(connectors: ReturnType<typeof startConnectors>, tenantId: string, shopId: string) {
  const acme = connectors.forTenant(tenantId)
  const result = await acme.sync.run(shopId, 'orders', {
    maxPages: 500,
    signal: AbortSignal.timeout(60_000),
    onProgress: ({ itemCount }) => console.log(`${itemCount} orders so far`),
  })
  switch (result.status) {
    case 'completed':
      return `up to date: ${result.itemCount} orders, ${result.rejectedCount} of them rejected`
    case 'partial':
      return `stopped (${result.reason}); the next run goes on from here`
    case 'skipped':
      return `not now (${result.reason}): ${result.message}`
    case 'failed':
      return `failed (${result.kind}) after ${result.pageCount} pages: ${result.error.message}`
  }
}

/** Another question to the same shop, with a place of its own to remember how far it got. */
export async function exportOrdersOfThisYear(
  connectors: ReturnType<typeof startConnectors>,
  tenantId: string,
  shopId: string,
  write: (line: string) => Promise<void>,
) {
  const acme = connectors.forTenant(tenantId)
  return acme.sync.run(shopId, 'orders', {
    stateKey: 'orders:export-2026',
    fetch: (adapter, { cursor, signal }) => adapter.getOrders({ cursor, signal, since: new Date('2026-01-01') }),
    onPage: {
      atLeastOnce: {
        onPage: async ({ items }) => {
          for (const { number, total } of items) await write(`${number};${total.amount}`)
        },
      },
    },
  })
}
