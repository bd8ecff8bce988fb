import { randomBytes } from 'node:crypto'
import { createConnectors } from 'bapp-connectors'
import { memoryRepositories } from 'bapp-connectors/memory'
import { dropbox } from 'bapp-connectors/providers/dropbox'
import { github } from 'bapp-connectors/providers/github'
import { z } from 'zod'

/**
 * The library, the same whatever the framework. In memory here, so that an example starts without a database: yours are
 * `prismaRepositories(prisma)`, and the key is always the same one.
 */
export const connectors = createConnectors(memoryRepositories<string>(), {
  providers: [github, dropbox],
  encryption: { keys: [{ id: '2026-11', key: process.env.CONNECTORS_KEY ?? randomBytes(32).toString('base64') }] },
  // Dropbox delivers for all accounts to /webhooks/app/dropbox, and asks there by GET whether somebody is there.
  webhooks: { apps: { dropbox: { secrets: [process.env.DROPBOX_APP_SECRET ?? randomBytes(32).toString('hex')] } } },
})

connectors.webhooks.handle('*', async ({ event, connection }) => {
  console.log(`${connection.tenantId}: ${event.type}`)
})

/** What a tenant fills in. */
const accountSchema = z.object({ token: z.string(), repository: z.string(), webhookSecret: z.string() })

/** Connects a tenant to his repository; GitHub delivers to `/webhooks/<id>`. */
export async function connect(tenantId: string, input: unknown): Promise<{ id: string }> {
  const { token, repository, webhookSecret } = accountSchema.parse(input)
  const { connections } = connectors.forTenant(tenantId)
  const { id } = await connections.create(github, { credentials: { token }, settings: { repository }, webhookSecret })
  return { id }
}

/** What was delivered to a connection, and what became of it. `body` is base64. */
export async function deliveries(tenantId: string, connectionId: string) {
  const events = await connectors.forTenant(tenantId).webhooks.list({ connectionId }).all()
  return events.map(({ eventType, status, rawBody }) => {
    return { eventType, status, body: Buffer.from(rawBody ?? []).toString('base64') }
  })
}

/** Retries, and what a crash left behind. In any number of processes. */
export function processWebhooks(): void {
  setInterval(() => connectors.operator.webhooks.processDue().catch(console.error), 5_000).unref()
}
