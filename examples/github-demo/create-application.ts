import { createConnectors, type Logger } from 'bapp-connectors'
import type { JobQueue } from 'bapp-connectors/jobs'
import { prismaRepositories } from 'bapp-connectors/prisma'
import { github } from 'bapp-connectors/providers/github'
import type { PrismaClient } from '../../generated/prisma-sqlite/client/client.ts'

/** The library as an application sets it up: its own Prisma client, and handlers that write to its own tables. */
export function createApplication(
  prisma: PrismaClient,
  options: { readonly encryptionKey: string; readonly logger: Logger; readonly queue: JobQueue | null },
) {
  const connectors = createConnectors(prismaRepositories(prisma), {
    providers: [github],
    encryption: { keys: [{ id: 'demo', key: options.encryptionKey }] },
    logger: options.logger,
    ...(options.queue !== null && { queue: options.queue }),
    // GitHub is replayed from a loopback address; without this the library refuses to go there.
    http: { allowPrivateNetwork: true },
    handlers: {
      'code.issues': async ({ items, connection, tx }) => {
        for (const { id, number, title, state, updatedAt } of items) {
          // Two tenants may sync the same repository: GitHub's id alone would make them share a row.
          const key = `${connection.id}:${id}`
          const issue = { number, title, state, updatedAt }
          await tx.issue.upsert({
            where: { id: key },
            create: { id: key, tenantId: connection.tenantId, connectionId: connection.id, ...issue },
            update: issue,
          })
        }
      },
    },
  })
  connectors.webhooks.handle('*', async ({ event, delivery, connection, tx }) => {
    await tx.activity.create({
      data: {
        id: delivery.id,
        tenantId: connection.tenantId,
        connectionId: connection.id,
        type: event.type,
        repository: event.repository?.fullName ?? null,
        sender: event.sender?.login ?? null,
      },
    })
  })
  return connectors
}

/** The library, typed by the application's provider, tenant ids and database. */
export type ApplicationConnectors = ReturnType<typeof createApplication>
