import { createConnectors } from 'bapp-connectors'
import { prismaRepositories } from 'bapp-connectors/prisma'
import { github } from 'bapp-connectors/providers/github'
import type { PrismaClient } from '../generated/prisma-sqlite/client/client.ts'

/** The library over an application's own Prisma client. `key` is 32 random bytes in base64. */
export function startConnectors(prisma: PrismaClient, key: string, alert: (problem: unknown) => void) {
  const connectors = createConnectors(prismaRepositories(prisma), {
    providers: [github],
    encryption: { keys: [{ id: '2026-11', key }] },
    handlers: {
      // `tx` is your own Prisma transaction: your rows and our cursor commit together, or not at all.
      'code.issues': async ({ items, connection, tx }) => {
        for (const { id, number, title, state, updatedAt } of items) {
          const issue = { tenantId: connection.tenantId, connectionId: connection.id, number, title, state, updatedAt }
          const key = `${connection.id}:${id}`
          await tx.issue.upsert({ where: { id: key }, create: { id: key, ...issue }, update: issue })
        }
      },
    },
  })
  // Stored before it is acknowledged; all handlers of a delivery run in one transaction.
  connectors.webhooks.handle('issues.deleted', async ({ event, connection, tx }) => {
    await tx.issue.deleteMany({ where: { connectionId: connection.id, number: event.issue?.number ?? 0 } })
  })
  // Retries, and what a crash left behind. Run it in as many processes as you like.
  setInterval(() => connectors.operator.webhooks.processDue().catch(alert), 5_000).unref()
  // A notification: it may fail or be absent, nothing depends on it.
  connectors.on('connection.disabled', ({ connectionId, reason }) => alert(`${connectionId}: ${reason}`))
  return connectors
}

/** What a request of one tenant does: connect, test, sync. Throws `CONNECTION_NOT_FOUND` for another tenant's ids. */
export async function connectAndSync(
  connectors: ReturnType<typeof startConnectors>,
  tenantId: string,
  input: { token: string; webhookSecret: string; settings: { repository: string; baseUrl?: string } },
) {
  const { token, webhookSecret, settings } = input
  const acme = connectors.forTenant(tenantId)
  const account = await acme.connections.create(github, { credentials: { token }, settings, webhookSecret })
  const outcome = await acme.connections.test(account.id) // connected | refused | unreachable
  if (outcome.status !== 'connected') throw new Error(outcome.message)

  const adapter = await acme.connections.adapter(account.id, github) // typed by the provider
  const first = await adapter.getIssue(1)
  const result = await acme.sync.run(account.id, 'issues') // completed | partial | skipped | failed
  return { account, first, result }
}
