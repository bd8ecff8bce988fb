import { expect, onTestFinished, test } from 'vitest'
import type { EndedJob } from '../../src/core/job-verbs.ts'
import { createNotebookWorld, hour } from '../support/notebook-world.ts'

const minute = 60_000
type World = Awaited<ReturnType<typeof createNotebookWorld>>

/** Connections of several accounts, one hour before their tokens end. */
async function connectAll({ connect }: World, accounts: readonly string[]) {
  const connected = []
  for (const account of accounts) connected.push(await connect(account))
  return connected
}
const names = (count: number) => Array.from({ length: count }, (_, index) => `account-${index}`)

test('what is due is refreshed although nobody calls, and only then', async () => {
  const world = await createNotebookWorld()
  const [first] = await connectAll(world, ['ada'])
  const { credentials } = world.connectors.operator
  expect(await credentials.due()).toEqual([])
  expect(await credentials.refreshDue()).toEqual([])
  await world.clock.advance(hour - 2 * minute)
  const row = await first?.row()
  expect(await credentials.due()).toEqual([
    {
      tenantId: 'acme',
      connectionId: first?.id,
      dueAt: row?.tokenRefreshAt,
      tokenExpiresAt: row?.tokenExpiresAt,
    },
  ])
  const tokenExpiresAt = new Date(world.clock.now().getTime() + hour)
  expect(await credentials.refreshDue()).toEqual([
    { tenantId: 'acme', connectionId: first?.id, status: 'refreshed', tokenExpiresAt },
  ])
  expect(await credentials.refreshDue()).toEqual([])
  expect(await first?.row()).toMatchObject({ credentialsVersion: 2, refreshLeaseOwner: null })
  expect(world.eventsOf('credentials.refreshed')).toHaveLength(1)
})

test('what is disabled, paused, deleted or without a grant is left alone, however late that turns out', async () => {
  const world = await createNotebookWorld()
  const connected = await connectAll(world, names(4))
  const ids = connected.map(({ id }) => id)
  const [disabled = '', paused = '', deleted = '', lost = ''] = ids
  const { connections } = world.connectors.forTenant('acme')
  const { credentials } = world.connectors.operator
  await world.clock.advance(hour - minute)
  expect(await credentials.due()).toHaveLength(4)
  await connections.disable(disabled)
  await connections.pause(paused, { forMs: 10 * minute })
  await connections.delete(deleted)
  world.server.revoke('account-3')
  expect(await credentials.refreshIfDue(lost)).toMatchObject({ error: { code: 'AUTHENTICATION_FAILED' } })
  const sent = world.server.requests.length
  expect(await credentials.due()).toEqual([])
  for (const id of [...ids, 'unknown']) expect(await credentials.refreshIfDue(id)).toBeNull()
  expect(world.server.requests.length).toBe(sent)
  expect(world.eventsOf('connection.needsReauthorization')).toHaveLength(1)

  await connections.resume(paused)
  expect(await credentials.refreshDue()).toMatchObject([{ connectionId: paused, status: 'refreshed' }])
})

test('a refresh that fails is not tried again at once, and holds up nobody behind it', async () => {
  const world = await createNotebookWorld()
  const [first] = await connectAll(world, ['ada'])
  await world.clock.advance(1)
  const [second] = await connectAll(world, ['bob'])
  await world.clock.advance(hour - minute)
  const { credentials } = world.connectors.operator
  const order = (await credentials.due()).map(({ connectionId }) => connectionId)
  expect(order.toSorted()).toEqual([first?.id, second?.id].toSorted())
  world.server.fail({ status: 500 })
  const limit = 1
  expect(await credentials.refreshDue({ limit })).toMatchObject([
    { connectionId: order[0], status: 'failed', error: { code: 'PROVIDER_UNAVAILABLE' } },
  ])
  expect(await credentials.refreshDue({ limit })).toMatchObject([{ connectionId: order[1], status: 'refreshed' }])
  expect(await credentials.refreshDue({ limit })).toEqual([])
  await world.clock.advance(10_000)
  expect(await credentials.refreshDue({ limit })).toMatchObject([{ connectionId: order[0], status: 'refreshed' }])
  expect(world.server.refreshes).toHaveLength(2)
})

test('a call joins the refresh that is under way, and that one leaves alone what a call refreshes', async () => {
  const world = await createNotebookWorld()
  const { id, adapter } = await world.connect()
  const { credentials } = world.connectors.operator
  for (const begin of [() => credentials.refreshIfDue(id), () => adapter.whoAmI()]) {
    await world.clock.advance(hour + minute)
    let letGo = () => {}
    const arrived = new Promise<void>((resolve) => {
      world.server.beforeToken = () => {
        resolve()
        return new Promise<void>((answer) => {
          letGo = answer
        })
      }
    })
    const first = begin()
    await arrived
    const second = adapter.whoAmI()
    expect(await credentials.refreshIfDue(id)).toBeNull()
    letGo()
    await Promise.all([first, second])
  }
  expect(world.server.refreshes).toHaveLength(2)
  expect(world.server.reuseCount()).toBe(0)
})

test('the ticks of two workers refresh each of many connections once', async () => {
  const world = await createNotebookWorld({ processes: 2 })
  const connected = await connectAll(world, names(12))
  await world.clock.advance(hour - minute)
  const jobs: EndedJob[] = []
  const isDone = new Promise<void>((resolve) => {
    for (const connectors of world.processes) {
      const onJob = (job: EndedJob) => {
        jobs.push(job)
        if (world.eventsOf('credentials.refreshed').length === connected.length) resolve()
      }
      const worker = connectors.work({ concurrency: 4, perTenant: 4, onJob })
      onTestFinished(() => worker.drain({ timeoutMs: 1 }))
    }
  })
  await world.letTimePass(isDone)
  expect(new Set(jobs.map(({ name, status }) => `${name} ${status}`))).toEqual(new Set(['credentials.refresh done']))
  expect(world.server.refreshes).toHaveLength(connected.length)
  expect(world.server.reuseCount()).toBe(0)
  for (const { row } of connected) expect(await row()).toMatchObject({ credentialsVersion: 2, isConnected: true })
})
