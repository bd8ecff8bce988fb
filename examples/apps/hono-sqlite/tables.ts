import { connectorsTables } from 'bapp-connectors/drizzle'
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** Who pays you: the tenant. */
export const companies = sqliteTable('companies', { id: integer('id').primaryKey(), name: text('name').notNull() })

/** What you want from their shops. */
export const orders = sqliteTable(
  'orders',
  {
    /** The connection's id and the shop's. */
    id: text('id').primaryKey(),
    companyId: integer('company_id')
      .notNull()
      .references(() => companies.id, { onDelete: 'cascade' }),
    number: text('number').notNull(),
    status: text('status').notNull(),
    total: text('total').notNull(),
    currency: text('currency').notNull(),
    /** When the shop changed it. */
    changedAt: integer('changed_at', { mode: 'timestamp_ms' }).notNull(),
  },
  ({ companyId }) => [index('orders_company').on(companyId)],
)

export const connectorTables = connectorsTables.sqlite({ tenantId: integer, references: () => companies.id })
// drizzle-kit makes migrations for what it finds exported.
export const { connection, syncState, webhookEvent, executionLog, oauthState } = connectorTables
