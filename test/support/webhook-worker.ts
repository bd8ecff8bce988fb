import { setTimeout as pause } from 'node:timers/promises'
import { createConnectors } from 'bapp-connectors'
import { prismaRepositories } from 'bapp-connectors/prisma'
import { openPostgresqlClient } from './pooled-clients.ts'
import { shop } from './shop-provider.ts'

/**
 * A process that handles deliveries one by one until it is killed, or told to end by a line on standard input. It says where it
 * is: `prepare <id>` between the claim and the transaction, `inside <id>` in the transaction, behind its writes.
 * Arguments: database, encryption key.
 */
const [url = '', key = ''] = process.argv.slice(2)
const say = (place: string, id: string) => void process.stdout.write(`${place} ${id}\n`)
const prisma = openPostgresqlClient(url, { max: 2 })
const connectors = createConnectors(prismaRepositories(prisma), {
  providers: [shop],
  encryption: { keys: [{ id: 'test-key', key }] },
  clockSkewMs: 0,
  webhooks: { claimLeaseMs: 400, concurrency: 1 },
})
connectors.webhooks.handle('order.created', {
  prepare: async ({ event, delivery }) => {
    await prisma.$executeRaw`INSERT INTO prepared VALUES (${event.orderId})`
    say('prepare', delivery.id)
    await pause(15)
    return async ({ tx }) => {
      await tx.$executeRaw`INSERT INTO handled VALUES (${event.orderId})`
      say('inside', delivery.id)
      await pause(15)
    }
  },
})

let isOver = false
process.stdin.once('data', () => {
  isOver = true
})
while (!isOver) {
  const results = await connectors.operator.webhooks.processDue({ limit: 1 })
  if (results.length === 0) await pause(20)
}
await connectors.close()
await prisma.$disconnect()
process.stdin.destroy()
