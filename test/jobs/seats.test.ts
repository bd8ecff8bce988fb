import { expect, onTestFinished, test } from 'vitest'
import type { QueuedJob } from '../../src/core/domain/job.ts'
import type { WorkOptions } from '../../src/core/job-verbs.ts'
import { createWorker } from '../../src/jobs/create-worker.ts'
import { inProcessQueue } from '../../src/jobs/in-process-queue.ts'
import { makeJob } from '../../src/jobs/job-definitions.ts'

/** Works through jobs that all begin before one of them may end, as far as they are let; answers who was at it together. */
async function together(jobs: readonly QueuedJob[], options: WorkOptions) {
  const queue = inProcessQueue()
  const running: QueuedJob[] = []
  const deferred: string[] = []
  let most: readonly QueuedJob[] = []
  let left = jobs.length
  let finish = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const worker = createWorker(
    {
      queue,
      tick: async () => ({ queuedCount: 0, prunedCount: 0 }),
      timer: () => () => {},
      report: (error) => expect.unreachable(String(error)),
      runJob: async (job) => {
        running.push(job)
        if (running.length > most.length) most = [...running]
        // All others that are let in are in by then.
        await new Promise((resolve) => setImmediate(resolve))
        await new Promise((resolve) => setImmediate(resolve))
        running.splice(running.indexOf(job), 1)
      },
    },
    {
      ...options,
      tickEveryMs: false,
      onJob: ({ status, name }) => {
        if (status === 'deferred') deferred.push(name)
        left -= 1
        if (left === 0) finish()
      },
    },
  )
  onTestFinished(() => worker.drain({ timeoutMs: 1 }))
  for (const job of jobs) await queue.enqueue(job)
  await finished
  return { most, deferred }
}

const call = (tenant: string, connectionId: string) =>
  makeJob('adapter.call', { tenant, connectionId, method: 'getOrder', args: [] })
const sync = (tenant: string, connectionId: string, resource: string) =>
  makeJob('sync.incremental', { tenant, connectionId, resource })

test('no more calls of a tenant are made at a time than its share, and others go on beside it', async () => {
  const jobs = ['a1', 'a2', 'a3', 'a4'].map((id) => call('acme', id)).concat(call('globex', 'g1'))
  const { most, deferred } = await together(jobs, { concurrency: 5, perTenant: 2, perConnection: 2 })
  expect(most.map(({ data }) => data.tenant).toSorted()).toEqual(['acme', 'acme', 'globex'])
  expect(deferred).toEqual([])
})

test('no more calls of a connection are made at a time than its share', async () => {
  const jobs = [call('acme', 'a1'), call('acme', 'a1'), call('acme', 'a1'), call('acme', 'a2')]
  const { most } = await together(jobs, { concurrency: 5, perTenant: 5, perConnection: 1 })
  expect(most.map(({ data }) => data.connectionId).toSorted()).toEqual(['a1', 'a2'])
})

test('a sync that finds no seat is left to the next tick: its row is still due', async () => {
  const jobs = ['orders', 'products', 'customers'].map((resource) => sync('acme', 'a1', resource))
  const { most, deferred } = await together(jobs, { concurrency: 5, perTenant: 5, perConnection: 1 })
  expect(most).toHaveLength(1)
  expect(deferred).toEqual(['sync.incremental', 'sync.incremental'])
})

test.each([
  ['of a newer version', { name: 'tenant.archive', key: null, data: {}, isOnlyHere: false }],
  ['that is none', 'garbage'],
  ['without anything', null],
])('a job %s is left, told of, and stops nothing', async (_, odd) => {
  const queue = inProcessQueue()
  const told: string[] = []
  let finish = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const worker = createWorker(
    {
      // What another engine might hand out.
      queue: {
        ...queue,
        consume: (run, options) =>
          queue.consume(({ name, ...job }) => run(name === 'tick' ? (odd as never) : { name, ...job }), options),
      },
      tick: async () => ({ queuedCount: 0, prunedCount: 0 }),
      timer: () => () => {},
      report: (error) => told.push(String(error)),
      runJob: async () => finish(),
    },
    { concurrency: 1, tickEveryMs: false },
  )
  onTestFinished(() => worker.drain({ timeoutMs: 1 }))
  await queue.enqueue(makeJob('tick', {}))
  await queue.enqueue(call('acme', 'a1'))
  await finished
  expect(told).toEqual([expect.stringContaining('a job that this version does not know')])
})
