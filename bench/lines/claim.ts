import PgBoss from 'pg-boss'
import { openDatabase, openLibrary } from '../support/database.ts'
import { newDelivery } from '../support/deliveries.ts'
import { interleave } from '../support/interleave.ts'
import { report } from '../support/report.ts'

// Four workers take one after the other: of pg-boss empty jobs, of the library deliveries with their bodies.
const workers = 4
const perTurn = 100
const database = await openDatabase()
const { connectors, connectionId } = await openLibrary(database, {
  options: { webhooks: { concurrency: workers } },
})
const boss = new PgBoss({ connectionString: database.url, max: 16, supervise: false, schedule: false })
boss.on('error', () => {})
await boss.start()
await boss.createQueue('empty')

const store = async (count: number) => {
  const all = Array.from({ length: count }, newDelivery)
  for (let from = 0; from < count; from += 50) {
    await Promise.all(all.slice(from, from + 50).map((one) => connectors.operator.webhooks.receive(connectionId, one)))
  }
}
const { webhookEvents } = database.repositories
const claim = { leaseMs: 60_000, clockSkewMs: 10_000, handled: 'all' } as const

/** Takes what is there, four at a time. */
const share = async <Thing>(things: readonly Thing[], work: (thing: Thing) => Promise<void>) => {
  const left = [...things]
  const one = async () => {
    for (let thing = left.pop(); thing !== undefined; thing = left.pop()) await work(thing)
  }
  await Promise.all(Array.from({ length: workers }, one))
}

const compared = await interleave(
  [
    {
      name: 'pg-boss',
      prepare: async () => {
        await boss.insert(Array.from({ length: perTurn }, () => ({ name: 'empty' })))
      },
      work: async () => {
        let done = 0
        const one = async () => {
          for (;;) {
            const [job] = await boss.fetch('empty')
            if (job === undefined) return
            await boss.complete('empty', job.id)
            done += 1
          }
        }
        await Promise.all(Array.from({ length: workers }, one))
        return done
      },
    },
    {
      name: 'claim + complete',
      prepare: () => store(perTurn),
      work: async () => {
        const at = new Date()
        const due = await webhookEvents.due({
          scope: { kind: 'operator' },
          at,
          clockSkewMs: 10_000,
          limit: perTurn,
          perTenant: perTurn,
          handled: 'all',
        })
        let done = 0
        await share(due, async (ref) => {
          const event = await webhookEvents.claim(ref, { ...claim, at })
          if (event === null) return
          await webhookEvents.complete(event, { attempt: event.attempts, at })
          done += 1
        })
        return done
      },
    },
  ],
  { rounds: 16, turnMs: 0 },
)
const own = compared.speed('claim + complete')
report({
  name: 'claim',
  what: 'claim + complete of webhook events, 4 workers: throughput',
  reference: 'pg-boss: fetch + complete of empty jobs, one at a time as here',
  measured: own.ratio,
  unit: 'x',
  spread: own.spread,
  target: { atLeast: 1 },
  contenders: compared.contenders,
})
await boss.stop({ graceful: false })
await connectors.close()
await database.close()
