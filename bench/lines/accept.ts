import { openDatabase, openLibrary } from '../support/database.ts'
import { bareInsert, newDelivery, rowOf, stock } from '../support/deliveries.ts'
import { interleave } from '../support/interleave.ts'
import { report } from '../support/report.ts'
import { atOnce } from '../support/work.ts'

// Verify, parse and durably insert a delivery, against nothing but the insert of a row that is ready.
const database = await openDatabase()
const { connectors, connectionId, tenantId } = await openLibrary(database)
const receive = (delivery: ReturnType<typeof newDelivery>) =>
  connectors.operator.webhooks.receive(connectionId, delivery)

const deliveries = stock(newDelivery)
const rows = stock(() => rowOf(newDelivery(), { tenantId, connectionId }))
const reference = 'the same row by one prepared INSERT … ON CONFLICT through bare pg, same pool'

for (const [concurrency, atLeast] of [
  [1, 0.6],
  [16, 0.8],
  [64, 1.2],
] as const) {
  const compared = await interleave(
    [
      {
        name: 'bare pg',
        prepare: rows.fill,
        work: atOnce(concurrency, () => database.pool.query({ ...bareInsert, values: rows.take() })),
      },
      {
        name: 'webhooks.receive',
        prepare: deliveries.fill,
        work: atOnce(concurrency, () => receive(deliveries.take())),
      },
    ],
    { rounds: 24, turnMs: 250 },
  )
  const { ratio, spread } = compared.speed('webhooks.receive')
  const what = `webhook accept, ${concurrency} at a time`
  const { contenders } = compared
  report({
    name: `accept/${concurrency}`,
    what: `${what}: throughput`,
    reference,
    measured: ratio,
    unit: 'x',
    spread,
    target: { atLeast },
    contenders,
  })
  report({
    name: `accept/${concurrency}/cpu`,
    what: `${what}: CPU per delivery`,
    reference: '1 ms',
    measured: compared.cpuMs('webhooks.receive'),
    unit: 'ms',
    spread: null,
    target: { atMost: 1 },
    contenders,
  })
}

const known = Array.from({ length: 2_000 }, newDelivery)
await Promise.all(known.map(receive))
const compared = await interleave(
  [
    { name: 'new deliveries', prepare: deliveries.fill, work: atOnce(16, () => receive(deliveries.take())) },
    {
      name: 'duplicates',
      work: atOnce(16, () => receive(known[Math.floor(Math.random() * known.length)] ?? newDelivery())),
    },
  ],
  { rounds: 24, turnMs: 250 },
)
const { ratio, spread } = compared.speed('duplicates')
report({
  name: 'accept/duplicates',
  what: 'webhook accept of duplicates, 16 at a time: throughput',
  reference: 'new deliveries',
  measured: ratio,
  unit: 'x',
  spread,
  target: { atLeast: 1 },
  contenders: compared.contenders,
})

await connectors.close()
await database.close()
