import { createConnectors } from 'bapp-connectors'
import { memoryRepositories } from 'bapp-connectors/memory'
import { newSyncState } from '../../../src/adapters/kit/new-sync-state.ts'
import { cronerCron } from '../../../src/adapters/node/croner-cron.ts'
import { systemRandomness } from '../../../src/adapters/node/system-randomness.ts'
import { firstDueAt, type SyncSchedule, scheduleText } from '../../../src/core/domain/sync-schedule.ts'
import { createDueSyncs } from '../../../src/core/services/due-syncs.ts'
import { createJobVerbs } from '../../../src/jobs/create-job-verbs.ts'
import { benchProvider } from '../bench-provider.ts'
import { fleetQueue } from './fleet-queue.ts'
import { fleetStore } from './fleet-store.ts'
import type { VirtualTime } from './virtual-time.ts'

/** What a fleet has to do, and with what. */
export interface FleetOptions {
  readonly states: number
  /** Jobs at a time, of all processes together. */
  readonly workers: number
  /** Milliseconds between two runs of a state. */
  readonly everyMs: number
  readonly time: VirtualTime
  /** Milliseconds that a run takes. */
  readonly latency: () => number
  /** Chance, from 0 to 1. */
  readonly fraction: () => number
  /** Told when a run begins: how late it is, and how long it will take. */
  readonly onRun: (latenessMs: number, tookMs: number) => void
}

const ignore = () => {}
const slotsPerProcess = 10
const statesPerTenant = 20

/** One in ten runs each night at three, within half an hour. */
const nightly: SyncSchedule = { cron: '0 3 * * *', timeZone: 'UTC', jitterMs: 1_800_000, isPaused: false }

/**
 * A fleet: the library's own schedules, due order, ticks and workers, over a store in memory, a queue that all processes share,
 * and runs that do nothing but take their time.
 */
export async function startFleet(options: FleetOptions) {
  const { states, workers, everyMs, time, latency, fraction, onRun } = options
  const store = fleetStore()
  const clock = { now: () => new Date(time.now()), schedule: time.after }
  const start = clock.now()

  const often: SyncSchedule = { everyMs, jitterMs: everyMs, isPaused: false }
  for (let n = 0; n < states; n += 1) {
    const ref = {
      tenantId: `tenant-${n % Math.ceil(states / statesPerTenant)}`,
      connectionId: `${n}`,
      resourceType: 'items',
    }
    const schedule = n % 10 === 0 ? nightly : often
    const dueAt = firstDueAt(schedule, { now: start, fraction: fraction(), cron: cronerCron })
    store.put({ ...newSyncState(ref, `${n}`.padStart(8, '0'), start), schedule: scheduleText(schedule), dueAt })
  }

  const connectors = createConnectors(memoryRepositories(), {
    providers: [benchProvider],
    encryption: { keys: [{ id: 'bench', key: Buffer.alloc(32, 7).toString('base64') }] },
    logger: { debug: ignore, info: ignore, warn: ignore, error: console.error },
    clock,
  })
  await connectors.ready()
  const dueSyncs = createDueSyncs<string>({
    syncStates: store,
    copies: {
      readFresh: async () => {
        throw new Error('No connection of the fleet is paused.')
      },
    },
    sync: {
      run: async (_scope, connectionId, resourceType) => {
        const row = await store.find({ scope: { kind: 'operator' }, connectionId, resourceType })
        if (row?.dueAt == null) throw new Error(`${connectionId} is not due.`)
        const counts = { runId: connectionId, pageCount: 1, itemCount: 0, rejectedCount: 0, rejected: [], cursor: null }
        const guarantee = 'exactly-once' as const
        if (row.leaseOwner !== null) {
          return { ...counts, guarantee, status: 'skipped', reason: 'locked', message: 'It runs elsewhere.' }
        }
        const tookMs = latency()
        onRun(time.now() - row.dueAt.getTime(), tookMs)
        store.put({ ...row, leaseOwner: 'fleet' })
        await new Promise<void>((resolve) => time.after(tookMs, resolve))
        store.put({ ...row, leaseOwner: null })
        return { ...counts, guarantee, status: 'completed' }
      },
    },
    cron: cronerCron,
    clock,
    randomness: { ...systemRandomness, fraction },
    options: { clockSkewMs: 10_000 },
  })

  const { operator } = connectors
  const queue = fleetQueue()
  const sync = { ...operator.sync, due: dueSyncs.list, runIfDue: dueSyncs.runOne }
  // Only syncs are due. A tick that waits for nothing real ends before virtual time goes on.
  const credentials = { ...operator.credentials, due: async () => [] }
  const webhooks = { ...operator.webhooks, due: async () => [] }
  const report = (error: unknown, message: string) => console.error(message, error)
  const fleet = { ...connectors, operator: { ...operator, credentials, webhooks, sync } }
  const processCount = Math.ceil(workers / slotsPerProcess)
  for (let n = 0; n < processCount; n += 1) {
    // Processes have a beat each.
    const concurrency = Math.min(slotsPerProcess, workers - n * slotsPerProcess)
    const jobs = createJobVerbs(fleet, { queue, now: clock.now, timer: time.after, report })
    time.after((n * 1_000) / processCount, () => void jobs.work({ concurrency, prune: false }))
  }
  return { processCount, dueCount: () => store.dueCount(clock.now()), waitingCount: () => queue.waitingCount() }
}
