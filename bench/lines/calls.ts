import { ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel'
import CircuitBreaker from 'opossum'
import { benchProvider } from '../support/bench-provider.ts'
import { openDatabase, openLibrary } from '../support/database.ts'
import { interleave } from '../support/interleave.ts'
import { report } from '../support/report.ts'
import { inAwaitedBatches } from '../support/work.ts'

// A call of a held adapter passes gate, credentials, breaker and redaction; a breaker alone counts failures.
const database = await openDatabase()
let statements = 0
database.pool.on('acquire', () => {
  statements += 1
})
const { connectors, tenant, connectionId } = await openLibrary(database)
const adapter = await tenant.connections.adapter(connectionId, benchProvider)
const add = async (a: number, b: number) => a + b
const policy = circuitBreaker(handleAll, { halfOpenAfter: 30_000, breaker: new ConsecutiveBreaker(3) })
const breaker = new CircuitBreaker(add, { timeout: false, errorThresholdPercentage: 50, resetTimeout: 30_000 })

const startedAt = performance.now()
const statementsBefore = statements
const compared = await interleave(
  [
    { name: 'cockatiel', work: inAwaitedBatches(200, () => policy.execute(() => add(1, 2))) },
    { name: 'opossum', work: inAwaitedBatches(200, () => breaker.fire(1, 2)) },
    { name: 'held adapter', work: inAwaitedBatches(200, () => adapter.add(1, 2)) },
    { name: 'no breaker', work: inAwaitedBatches(200, () => add(1, 2)) },
  ],
  { rounds: 16, turnMs: 150 },
)
const seconds = (performance.now() - startedAt) / 1_000
const cost = (name: string) =>
  compared.contenders.find((contender) => contender.name === name)?.perOperationUs ?? Number.NaN
const faster = cost('cockatiel') <= cost('opossum') ? 'cockatiel' : 'opossum'
const toFaster = 1 / (compared.speed('held adapter').ratio / compared.speed(faster).ratio)
report({
  name: 'calls/breaker',
  what: 'gate + breaker per adapter call, success path: time',
  reference: `the faster of cockatiel and opossum around the same function (${faster})`,
  measured: toFaster,
  unit: 'x',
  spread: null,
  target: { atMost: 1 },
  contenders: compared.contenders,
})
report({
  name: 'calls/round-trips',
  what: 'gate + breaker per adapter call, success path: database round trips per second of calls',
  reference: 'one read per gateMaxAgeMs (1 s)',
  measured: (statements - statementsBefore) / seconds,
  unit: 'round trips',
  spread: null,
  target: { atMost: 1 },
  contenders: [],
})
breaker.shutdown()
await connectors.close()
await database.close()
