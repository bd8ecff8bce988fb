import { type ConnectorsOptions, createConnectors } from 'bapp-connectors'
import { prismaRepositories } from 'bapp-connectors/prisma'
import { github } from 'bapp-connectors/providers/github'
import { stripe } from 'bapp-connectors/providers/stripe'
import { woocommerce } from 'bapp-connectors/providers/woocommerce'
import type { PrismaClient } from '../../generated/prisma-sqlite/client/client.ts'

const silent = () => {}

/** The library as an application sets it up whose code has its weak spots: not all that comes in can be handled. */
export function createDemoConnectors(
  prisma: PrismaClient,
  {
    encryptionKey,
    clock,
    closedBooks,
  }: {
    readonly encryptionKey: string
    readonly clock: NonNullable<ConnectorsOptions['clock']>
    /** The tenants whose orders can't be removed any more. */
    readonly closedBooks: ReadonlySet<string>
  },
) {
  const connectors = createConnectors(prismaRepositories(prisma), {
    providers: [woocommerce, stripe, github],
    encryption: { keys: [{ id: 'demo', key: encryptionKey }] },
    clock,
    logger: { debug: silent, info: silent, warn: silent, error: silent },
    // The providers of the demo listen on loopback addresses.
    http: { allowPrivateNetwork: true },
    handlers: {
      'shop.orders': async () => {},
      'shop.products': async ({ items, connection }) => {
        const unpriced = items.find(() => connection.tenantId === 'globex')
        if (unpriced !== undefined) {
          throw new Error(`Product ${unpriced.externalId} has no tax class, and the catalog of globex requires one.`)
        }
      },
      'shop.customers': async () => {},
      'payment.payments': async () => {},
      'code.issues': async () => {},
    },
  })
  connectors.webhooks.handle('order.*', async ({ connection, event }) => {
    if (closedBooks.has(connection.tenantId) && event.type === 'order.deleted') {
      throw new Error('The order is part of an invoice, and invoices are never changed.')
    }
  })
  connectors.webhooks.handle('payment_intent.*', async () => {})
  return connectors
}

/** The library, typed by its providers and its database. */
export type DemoConnectors = ReturnType<typeof createDemoConnectors>
