import { setTimeout as pause } from 'node:timers/promises'
import { createConnectors } from 'bapp-connectors'
import { prismaRepositories } from 'bapp-connectors/prisma'
import { systemClock } from '../../src/adapters/node/system-clock.ts'
import { openPostgresqlClient } from './pooled-clients.ts'
import { shop } from './shop-provider.ts'

/**
 * A process that handles deliveries one by one until it is killed, or told to end by a line on standard input. It may be told
 * where to stand still: `prepare`, between the claim and the transaction, or `inside`, in the transaction behind its writes,
 * at the how-manieth delivery. There it says `here`, and waits for its end; at `pause`, which is where `prepare` is, for the line,
 * and goes on.
 * Arguments: database, encryption key, place, number of the delivery, milliseconds that its clock is ahead.
 */
const [url = '', key = '', place = '', number = '0', ahead = '0'] = process.argv.slice(2)
let left = Number(number)
const reach = async (reached: 'prepare' | 'pause' | 'inside') => {
  if (reached !== place) return
  left -= 1
  if (left > 0) return
  process.stdout.write('here\n')
  await new Promise<void>((goOn) => {
    if (place === 'pause') process.stdin.once('data', () => goOn())
  })
}
const prisma = openPostgresqlClient(url, { max: 2 })
const connectors = createConnectors(prismaRepositories(prisma), {
  providers: [shop],
  encryption: { keys: [{ id: 'test-key', key }] },
  clockSkewMs: 0,
  clock: {
    now: () => new Date(Date.now() + Number(ahead)),
    schedule: systemClock.schedule,
  },
  webhooks: { claimLeaseMs: 400, concurrency: 1 },
})
connectors.webhooks.handle('order.created', {
  prepare: async ({ event }) => {
    await prisma.$executeRaw`INSERT INTO prepared VALUES (${event.orderId})`
    await reach('prepare')
    await reach('pause')
    return async ({ tx }) => {
      await tx.$executeRaw`INSERT INTO handled VALUES (${event.orderId})`
      await reach('inside')
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
