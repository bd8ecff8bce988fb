import { setTimeout as pause } from 'node:timers/promises'
import { benchProvider } from '../support/bench-provider.ts'
import { startChild } from '../support/child.ts'
import { openDatabase, openLibrary } from '../support/database.ts'
import { type Contestant, interleave } from '../support/interleave.ts'
import { report } from '../support/report.ts'
import { median, quartiles } from '../support/statistics.ts'

// Calls over HTTP at a fixed rate; their rows are written as always, or thrown away before they reach the database.
const perSecond = 200
const echo = await startChild<number>('echo-server')
const settings = { url: `http://127.0.0.1:${echo.started}` }

const database = await openDatabase({ max: 4 })
const { repositories } = database
const withoutLog = {
  ...repositories,
  executionLogs: { ...repositories.executionLogs, appendMany: async () => {} },
}
const on = await openLibrary(database, { settings })
const off = await openLibrary({ ...database, repositories: withoutLog }, { settings })

/** Begins a call every so many milliseconds, and answers how long all of them took together. */
const atRate = async ({ tenant, connectionId }: typeof on, ms: number) => {
  const adapter = await tenant.connections.adapter(connectionId, benchProvider)
  const taken: number[] = []
  const calls: Promise<void>[] = []
  const startedAt = performance.now()
  const count = (ms / 1_000) * perSecond
  for (let index = 0; index < count; index += 1) {
    const waitMs = startedAt + index * (1_000 / perSecond) - performance.now()
    if (waitMs > 1) await pause(waitMs)
    const begun = performance.now()
    calls.push(adapter.ping().then(() => void taken.push(performance.now() - begun)))
  }
  await Promise.all(calls)
  return taken
}

/** Mean time of a call, for each turn. */
const means = new Map<string, number[]>()
const contestant = (name: string, library: typeof on): Contestant => ({
  name,
  work: async (ms) => {
    const taken = await atRate(library, ms)
    means.set(name, [...(means.get(name) ?? []), taken.reduce((sum, one) => sum + one, 0) / taken.length])
    return taken.length
  },
})
const compared = await interleave([contestant('log off', off), contestant('log on', on)], { rounds: 16, turnMs: 1_000 })
// The first turns are not counted.
const of = (name: string) => (means.get(name) ?? []).slice(1)
const ratios = of('log on').map((ms, round) => ms / (of('log off')[round] ?? Number.NaN))
report({
  name: 'audit/wall',
  what: 'audit log on, 200 calls/s over HTTP: mean time of a call',
  reference: 'the same calls, rows thrown away',
  measured: median(ratios),
  unit: 'x',
  spread: quartiles(ratios),
  target: { atMost: 1.05 },
  contenders: compared.contenders.map((contender) => ({
    ...contender,
    perOperationUs: median(of(contender.name)) * 1_000,
  })),
})

// The database stalls: nobody can write to the table, while calls go on as fast as they can.
const limit = 2_000
const stalled = await openLibrary(database, { settings, options: { audit: { maxBufferedRows: limit, flushMs: 100 } } })
const held = await stalled.tenant.connections.adapter(stalled.connectionId, benchProvider)
const lock = await database.pool.connect()
await lock.query('BEGIN; LOCK TABLE connectors_execution_log IN ACCESS EXCLUSIVE MODE')
const calls = async (count: number) => {
  for (let index = 0; index < count; index += 20) await Promise.all(Array.from({ length: 20 }, () => held.ping()))
}
await calls(limit + 1_000)
globalThis.gc?.()
const before = process.memoryUsage().heapUsed
await calls(2 * limit)
globalThis.gc?.()
const grown = (process.memoryUsage().heapUsed - before) / 2 ** 20
await lock.query('ROLLBACK')
lock.release()
report({
  name: 'audit/stalled',
  what: `audit log while the database stalls: growth of the heap over ${2 * limit} calls, the buffer (${limit} rows) being full`,
  reference: '-',
  measured: grown,
  unit: 'MB',
  spread: null,
  target: { atMost: 2 },
  contenders: [],
})
for (const { connectors } of [on, off, stalled]) await connectors.close()
await database.close()
echo.end()
