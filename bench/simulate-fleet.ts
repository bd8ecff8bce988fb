import { parseArgs } from 'node:util'
import { startFleet } from './support/fleet/fleet.ts'
import { virtualTime } from './support/fleet/virtual-time.ts'
import { quantile } from './support/statistics.ts'

/**
 * Simulates a day of a fleet: how many syncs wait, and how late they begin, hour by hour. Time is virtual; schedules, due order,
 * ticks and workers are the library's. A warm-up hour comes first.
 *
 * `--states 100000`, `--workers 20` (jobs at a time, ten per process), `--every 120` (minutes between two runs of a state).
 */
const { values } = parseArgs({
  options: {
    states: { type: 'string', default: '100000' },
    workers: { type: 'string', default: '20' },
    every: { type: 'string', default: '120' },
  },
})
const [states, workers, every] = [values.states, values.workers, values.every].map((text) => {
  if (/^[1-9]\d*$/.test(text)) return Number(text)
  throw new Error(`--states, --workers and --every take whole numbers from 1, not ${text}.`)
}) as [number, number, number] // as many as were mapped

const hourMs = 3_600_000
const start = Date.UTC(2026, 0, 1)
const time = virtualTime(start - hourMs)
const fraction = seeded(8)
// The logarithm of what a provider and the pages take is normal: median 0.4 s, mean 0.66 s, one in a hundred above 4 s.
const latency = () => 400 * Math.exp(Math.sqrt(-2 * Math.log(1 - fraction())) * Math.cos(2 * Math.PI * fraction()))

let lateness: number[] = []
let busyMs = 0
const startedAt = performance.now()
const onRun = (latenessMs: number, tookMs: number) => {
  lateness.push(latenessMs)
  busyMs += tookMs
}
const fleet = await startFleet({ states, workers, everyMs: every * 60_000, time, latency, fraction, onRun })
await time.runUntil(start - 1)
lateness = []
busyMs = 0

const hours: Record<string, object> = {}
const all: number[][] = []
let deepest = 0
let totalBusyMs = 0
for (let hour = 0; hour < 24; hour += 1) {
  const depths: number[] = []
  const waits: number[] = []
  for (let minute = 1; minute <= 60; minute += 1) {
    await time.runUntil(start + hour * hourMs + minute * 60_000 - 1)
    depths.push(fleet.dueCount())
    waits.push(await fleet.waitingCount())
  }
  hours[`${String(hour).padStart(2, '0')}:00`] = {
    runs: lateness.length,
    'busy %': Math.round((100 * busyMs) / (workers * hourMs)),
    'due, mean': Math.round(depths.reduce((sum, depth) => sum + depth, 0) / depths.length),
    'due, most': Math.max(...depths),
    'in queue, most': Math.max(...waits),
    ...latenessRow(lateness),
  }
  deepest = Math.max(deepest, ...depths)
  totalBusyMs += busyMs
  all.push(lateness)
  lateness = []
  busyMs = 0
}
const total = all.flat()
const runs = total.length
const scale = 1_000_000 / states
const perSecond = (count: number) => (count / 86_400).toFixed(1)
const busy = Math.round((100 * totalBusyMs) / (workers * 24 * hourMs))

console.table(hours)
console.log(
  `${states.toLocaleString('en')} states, every ${every} min (one in ten nightly), ${workers} slots in ${fleet.processCount} processes`,
)
console.log(
  `the day: ${runs.toLocaleString('en')} runs, ${perSecond(runs)} per second, slots busy ${busy} %, due at most ${deepest}`,
)
console.log(`lateness: ${JSON.stringify(latenessRow(total))}`)
console.log(
  `1,000,000 states, in proportion: ${perSecond(runs * scale)} runs per second, ${Math.ceil(workers * scale)} slots, due at most ${Math.round(deepest * scale)}`,
)
console.log(
  `${new Date().toISOString().slice(0, 10)}, node ${process.versions.node}, ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`,
)
process.exit()

/** In seconds. */
function latenessRow(values: readonly number[]) {
  const at = (part: number) => Number((quantile(values, part) / 1_000).toFixed(2))
  return { 'late p50 s': at(0.5), 'p95 s': at(0.95), 'p99 s': at(0.99), 'most s': at(1) }
}

/** Chance that is the same each time (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
