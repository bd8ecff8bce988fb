import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { makeJob } from '../../src/jobs/job-definitions.ts'
import { createJobsWorld, type JobsWorld } from '../support/jobs-world.ts'
import { ownRedisMissing } from '../support/own-redis.ts'
import { openWorkers, type StartWorker } from '../support/start-workers.ts'

/** Jobs of the large test; `JOBS_TORTURE=10000` for the whole of it. */
const jobCount = Number(process.env.JOBS_TORTURE ?? 400)

/** In milliseconds. */
const large = { timeout: 30_000 + 200 * jobCount }

const redisMissing = process.env.CI === 'true' ? null : ownRedisMissing()
const engines = [
  { kind: 'in-process', isShared: false, missing: null },
  { kind: 'pg-boss', isShared: true, missing: null },
  { kind: 'bullmq', isShared: true, missing: redisMissing },
] as const

let workers: { readonly start: StartWorker; readonly remove: () => Promise<void> }
beforeAll(async () => {
  workers = await openWorkers('support/jobs-worker.ts')
})
afterAll(() => workers.remove())

describe.each(engines)('$kind', ({ kind, isShared, missing }) => {
  const title = (text: string) => (missing === null ? text : `${text} (skipped: ${missing})`)
  const runs = test.skipIf(missing !== null)
  const runsIfShared = test.skipIf(missing !== null || !isShared)
  const alone = isShared ? '' : ' (not here: every process has a line of its own)'

  let world: JobsWorld
  beforeAll(async () => {
    if (missing === null) world = await createJobsWorld(kind, workers.start)
  })
  afterAll(() => world?.close())

  /** A worker that ends with the test, and may have nothing to complain of. */
  const startWorker = async (settings: Parameters<JobsWorld['startWorker']>[0] = {}) => {
    const worker = await world.startWorker(settings)
    onTestFinished(async () => {
      await worker.kill()
      expect(worker.complaints()).toBe('')
    })
    return worker
  }
  const handledOf = async (all: readonly string[]) => {
    const asked = new Set(all)
    return (await world.handled()).filter((what) => asked.has(what))
  }
  const areHandled = async (all: readonly string[], timeout = 25_000) => {
    await expect.poll(async () => (await handledOf(all)).length, { timeout, interval: 50 }).toBe(all.length)
    expect((await handledOf(all)).toSorted()).toEqual(all.toSorted())
  }

  runs(title('a worker is killed in the middle: others do what it had begun, once'), async () => {
    const connectionId = await world.connect()
    const sync = await world.requestSync(connectionId)
    const webhook = await world.deliver(connectionId)
    const holds = [world.floor.hold(sync), world.floor.hold(webhook)]
    const worker = await startWorker()
    await Promise.all(holds.map(({ begun }) => begun))
    await worker.kill()
    for (const { release } of holds) release()
    // Its leases have expired by then.
    await startWorker({ aheadMs: 3_600_000 })
    await areHandled([sync, webhook])
    expect([sync, webhook].map(world.floor.begunCount)).toEqual([2, 2])
  })

  runsIfShared(title(`a call whose worker is killed comes again${alone}`), async () => {
    const connectionId = await world.connect()
    const what = `call-of-${connectionId}`
    const { begun, release } = world.floor.hold(what)
    const call = makeJob('adapter.call', { tenant: 'acme', connectionId, method: 'getOrder', args: [what] })
    await world.queue.enqueue({ ...call, expireMs: 1_000 })
    const worker = await startWorker()
    await begun
    await worker.kill()
    release()
    await startWorker()
    await expect.poll(() => world.floor.begunCount(what), { timeout: 25_000 }).toBe(2)
    await expect.poll(() => world.queue.waitingCount()).toBe(0)
  })

  runsIfShared(title(`the engine restarts: what was in it is done${alone}`), async () => {
    const connectionId = await world.connect()
    const whats = [await world.call(connectionId), await world.call(connectionId), await world.call(connectionId)]
    const holds = whats.map(world.floor.hold)
    await startWorker({ concurrency: 1 })
    await holds[0]?.begun
    await world.engine.restart()
    for (const { release } of holds) release()
    await Promise.all(holds.map(({ begun }) => begun))
  })

  runsIfShared(title(`the engine is wiped in the middle: no sync and no delivery is lost${alone}`), async () => {
    const connectionIds = [await world.connect(), await world.connect(), await world.connect(), await world.connect()]
    const syncs = await Promise.all(connectionIds.map(world.requestSync))
    const webhooks = await Promise.all(connectionIds.map(world.deliver))
    const all = [...syncs, ...webhooks]
    await world.connectors.tick({ slots: 20, perTenant: 20, prune: false })
    expect(await world.queue.waitingCount()).toBeGreaterThanOrEqual(all.length)
    const holds = webhooks.map(world.floor.hold)
    const worker = await startWorker({ concurrency: 2 })
    await Promise.race(holds.map(({ begun }) => begun))
    await world.engine.wipe()
    for (const { release } of holds) release()
    // Whoever drops the tables of pg-boss has to start it anew; BullMQ needs nothing.
    if (kind === 'pg-boss') {
      worker.terminate()
      expect(await worker.end()).toBe(0)
      await startWorker()
    }
    await areHandled(all)
  })

  runs(title('a worker that is told to end ends what it does, and takes no more'), async () => {
    const [first, second] = [await world.connect(), await world.connect()]
    const sync = await world.requestSync(first)
    const { begun, release } = world.floor.hold(sync)
    const worker = await startWorker()
    await begun
    worker.terminate()
    const left = await world.requestSync(second)
    release()
    expect(await worker.end()).toBe(0)
    expect(await handledOf([sync, left])).toEqual([sync])
    expect([await world.isDue(first), await world.isDue(second)]).toEqual([false, true])
    await startWorker()
    await areHandled([sync, left])
  })

  runs(title('what does not end in time is handed back: the next worker does it at once'), async () => {
    const connectionId = await world.connect()
    const sync = await world.requestSync(connectionId)
    const { begun } = world.floor.hold(sync)
    const worker = await startWorker({ drainMs: 100 })
    await begun
    worker.terminate()
    expect(await worker.end()).toBe(0)
    expect(await world.isDue(connectionId)).toBe(true)
    world.floor.hold(sync).release()
    // No clock ahead: its lease was given back.
    await startWorker()
    await areHandled([sync])
  })

  runs(title(`${jobCount} jobs across 4 processes: none is lost, and none is done beside itself`), large, async () => {
    const share = Math.ceil(jobCount / 10)
    const connectionIds: string[] = []
    while (connectionIds.length < 2 * share) {
      const some = Array.from({ length: Math.min(20, 2 * share - connectionIds.length) }, world.connect)
      connectionIds.push(...(await Promise.all(some)))
    }
    const all: string[] = []
    const calls: string[] = []
    for (const connectionId of connectionIds) {
      all.push(await world.requestSync(connectionId))
      all.push(...(await Promise.all([connectionId, connectionId, connectionId].map(world.deliver))))
      if (isShared) calls.push(await world.call(connectionId))
    }
    await Promise.all(Array.from({ length: 4 }, () => startWorker({ concurrency: 5 })))
    await areHandled(all, large.timeout)
    const left = () => calls.filter((what) => world.floor.begunCount(what) === 0)
    await expect.poll(left, { timeout: 25_000 }).toEqual([])
    // A call is made at least once: again, if its worker was silent for too long.
    expect(world.floor.overlaps.filter((what) => !calls.includes(what))).toEqual([])
  })
})
