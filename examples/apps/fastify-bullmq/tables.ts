import { connectorsTables } from 'bapp-connectors/drizzle'
import { index, numeric, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'

/** Who pays you: the tenant. */
export const companies = pgTable('companies', {
  id: uuid('id').primaryKey().defaultRandom(),
  name: text('name').notNull(),
})

/** What you want from their shops. */
export const orders = pgTable(
  'orders',
  {
    /** The connection's id and the shop's. */
    id: text('id').primaryKey(),
    companyId: uuid('company_id')
      .notNull()
      .references(() => companies.id, { onDelete: 'cascade' }),
    number: text('number').notNull(),
    status: text('status').notNull(),
    total: numeric('total').notNull(),
    currency: text('currency').notNull(),
    /** When the shop changed it. */
    changedAt: timestamp('changed_at', { withTimezone: true }).notNull(),
  },
  ({ companyId }) => [index('orders_company').on(companyId)],
)

export const connectorTables = connectorsTables.pg({ tenantId: uuid, references: () => companies.id })
// drizzle-kit makes migrations for what it finds exported.
export const { connection, syncState, webhookEvent, executionLog, oauthState } = connectorTables
