import { ConnectorsError, isConnectorsError } from '../core/domain/errors.ts'
import type { JobConsumer, JobEnd, JobQueue, QueuedJob } from '../core/domain/job.ts'
import type { ConnectorsWorker, EndedJob, WorkOptions } from '../core/job-verbs.ts'
import type { Tick } from './create-tick.ts'
import { isKnownJob, jobKinds } from './job-definitions.ts'
import { createSeats } from './seats.ts'
import type { Timer } from './timer.ts'
import { withinLimits } from './within-limits.ts'

/** How long a job that was told to stop by `drain` may take to do so. */
const graceMs = 2_000

/** What a worker is made of. */
export interface WorkerParts {
  readonly queue: JobQueue
  readonly runJob: (job: QueuedJob, signal: AbortSignal) => Promise<unknown>
  readonly tick: Tick
  readonly timer: Timer
  readonly report: (error: unknown, message: string) => void
}

/** Begins to work. */
export function createWorker(
  { queue, runJob, tick, timer, report }: WorkerParts,
  options: Omit<WorkOptions, 'queue'> = {},
): ConnectorsWorker {
  const { concurrency = 10, tickEveryMs = 1_000, prune, onJob, limits } = options
  const perTenant = options.perTenant ?? Math.ceil(concurrency / 2)
  const perConnection = options.perConnection ?? perTenant
  for (const [name, value] of Object.entries({ concurrency, perTenant, perConnection, tickEveryMs })) {
    if (value === false || (Number.isInteger(value) && value >= 1)) continue
    throw new ConnectorsError('INVALID_INPUT', `The option ${name} of connectors.work must be a whole number from 1.`)
  }
  const seats = createSeats({ concurrency, perTenant, perConnection })
  const stop = new AbortController()
  const giveUp = new AbortController()
  let cancelTick = () => {}
  let ticking: Promise<void> | null = null

  const tell = (ended: EndedJob) => {
    if (ended.status === 'failed') report(ended.error, `the job ${ended.name} failed`)
    try {
      Promise.resolve(onJob?.(ended)).catch((error: unknown) => report(error, 'onJob failed'))
    } catch (error) {
      report(error, 'onJob failed')
    }
  }

  const look = async () => {
    cancelTick()
    try {
      const slots = seats.freeCount()
      if (slots > 0)
        await tick(queue, { slots, perTenant, ...(prune !== undefined && { prune }), isBusy: seats.isTaken })
    } catch (error) {
      if (!isConnectorsError(error, 'CLOSED')) report(error, 'a tick failed; the next one tries again')
    }
    if (tickEveryMs !== false && !stop.signal.aborted) cancelTick = timer(tickEveryMs, wake)
  }
  function wake() {
    if (tickEveryMs === false || stop.signal.aborted) return
    ticking ??= look().finally(() => {
      ticking = null
    })
  }

  const runSeated = async (job: QueuedJob): Promise<JobEnd> => {
    const { name, data } = job
    const { softMs, hardMs } = limits?.[name] ?? jobKinds[name].limits
    try {
      const given = { softMs, hardMs, stop: stop.signal, giveUp: giveUp.signal, timer }
      const result = await withinLimits(`The job ${name}`, given, (signal) => runJob(job, signal))
      tell({ name, data, status: 'done', result })
      return 'done'
    } catch (error) {
      tell({ name, data, status: 'failed', error })
      return isConnectorsError(error) && error.retryable ? 'again' : 'done'
    }
  }

  const run = async (job: QueuedJob): Promise<JobEnd> => {
    if (stop.signal.aborted) return 'again'
    if (!isKnownJob(job)) {
      // Of a newer version: its workers find what is in a row again. Or somebody else writes to this queue.
      report(
        new ConnectorsError('INVALID_INPUT', 'The queue handed out a job that this version does not know.'),
        'a job was left',
      )
      return Object(job).isOnlyHere === true ? 'again' : 'done'
    }
    const leave = job.isOnlyHere ? await seats.wait(job) : seats.take(job)
    if (leave === null) {
      tell({ name: job.name, data: job.data, status: 'deferred' })
      return 'done'
    }
    try {
      return await runSeated(job)
    } finally {
      leave()
      if ((await queue.waitingCount().catch(() => 1)) < seats.freeCount()) wake()
    }
  }

  const consuming: Promise<JobConsumer> = queue.consume(run, { concurrency })
  consuming.then(wake, (error: unknown) => report(error, 'the worker could not begin'))

  let drained: Promise<void> | null = null
  const drain = async (timeoutMs: number) => {
    cancelTick()
    const consumer = await consuming.catch(() => null)
    let cancelGiveUp = () => {}
    const cancel = timer(timeoutMs, () => {
      stop.abort()
      cancelGiveUp = timer(graceMs, () => giveUp.abort())
    })
    await consumer?.stop()
    stop.abort()
    cancel()
    cancelGiveUp()
    cancelTick()
    await ticking
  }

  return {
    ready: async () => void (await consuming),
    runningCount: seats.takenCount,
    drain: ({ timeoutMs = 25_000 } = {}) => {
      drained ??= drain(timeoutMs)
      return drained
    },
  }
}
