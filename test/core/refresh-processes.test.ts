import { expect, onTestFinished, test } from 'vitest'
import { startAuthorizationServer, testApp } from '../support/authorization-server.ts'
import { openNotebookProcess } from '../support/notebook-process.ts'
import { notebookApp, startNotebookServer } from '../support/notebook-server.ts'
import { createPostgresDatabase } from '../support/postgres-database.ts'
import type { RefreshJob, RefreshReport } from '../support/refresh-job.ts'
import { testKey } from '../support/shop-world.ts'
import { startWorkers } from '../support/start-workers.ts'

const callCount = 50
const hour = 3_600_000

test(`two processes with ${callCount} calls each and an expired token make one refresh, and all calls succeed`, async () => {
  const start = await startWorkers('support/refresh-worker.ts')
  const authorization = await startAuthorizationServer()
  const database = await createPostgresDatabase()
  const settings = { url: database.url, key: testKey(), origin: authorization.origin, app: testApp }
  const before = openNotebookProcess({ ...settings, aheadMs: 0 })
  const after = openNotebookProcess({ ...settings, aheadMs: 4 * hour })
  onTestFinished(async () => {
    await before.close()
    await after.close()
    await database.drop()
  })
  await before.prisma.tenant.create({ data: { id: 'acme' } })
  const { oauth } = before.connectors.forTenant('acme')
  const consent = { provider: before.notebook, actor: 'ann', settings: { region: 'eu' } } as const
  const { url, cookie } = await oauth.authorize(consent)
  const back = await authorization.person().visit(url, 'ann')
  const outcome = await oauth.callback({ provider: 'notebook', url: back, cookie: cookie?.split(';')[0] ?? null })
  if (outcome.status !== 'connected') throw new Error(outcome.message)
  const { id: connectionId } = outcome.connection
  const tokenRequestCount = () => authorization.requests.filter((request) => request === 'POST /token').length
  expect(tokenRequestCount()).toBe(1)

  const job: RefreshJob = { ...settings, aheadMs: 2 * hour, connectionId, callCount, place: null }
  const workers = [start(JSON.stringify(job)), start(JSON.stringify(job))]
  for (const worker of workers) expect(await worker.line()).toBe('ready')
  for (const worker of workers) worker.tell('go')
  const reports = await Promise.all(workers.map(async ({ line }) => JSON.parse(await line()) as RefreshReport))
  for (const report of reports) expect(report).toMatchObject({ succeededCount: callCount, failures: [] })
  expect(reports.map(({ refreshedCount }) => refreshedCount).toSorted()).toEqual([0, 1])
  expect({ tokenRequests: tokenRequestCount(), refusals: authorization.refusals }).toEqual({
    tokenRequests: 2,
    refusals: [],
  })
  expect(await Promise.all(workers.map(({ end }) => end()))).toEqual([0, 0])

  // The grant is alive: a refresh token that had come twice would have ended it.
  const adapter = await after.connectors.forTenant('acme').connections.adapter(connectionId, after.notebook)
  await expect(adapter.whoAmI()).resolves.toMatchObject({ sub: 'ann' })
  expect({ tokenRequests: tokenRequestCount(), refusals: authorization.refusals }).toEqual({
    tokenRequests: 3,
    refusals: [],
  })
})

test('two processes that look for what is due at once refresh each connection once', async () => {
  const server = await startNotebookServer()
  const database = await createPostgresDatabase()
  const settings = { url: database.url, key: testKey(), origin: server.origin, app: notebookApp }
  const open = () => openNotebookProcess({ ...settings, aheadMs: 2 * hour })
  const first = open()
  const processes = [first, open()]
  onTestFinished(async () => {
    for (const { close } of processes) await close()
    await database.drop()
    await server.close()
  })
  await first.prisma.tenant.create({ data: { id: 'acme' } })
  const { connections } = first.connectors.forTenant('acme')
  for (let index = 0; index < 12; index += 1) {
    const credentials = { ...server.grant(`account-${index}`), expiresAt: new Date(Date.now() + hour).toISOString() }
    await connections.create(first.notebook, { credentials, settings: { region: 'eu' } })
  }
  const ended = await Promise.all(processes.map(({ connectors }) => connectors.operator.credentials.refreshDue()))
  const refreshed = ended.flat().map(({ status, connectionId }) => `${status} ${connectionId}`)
  expect(new Set(refreshed).size).toBe(12)
  expect(refreshed).toHaveLength(12)
  expect({ refreshes: server.refreshes.length, reuses: server.reuseCount() }).toEqual({ refreshes: 12, reuses: 0 })
  expect(await first.connectors.operator.credentials.due()).toEqual([])
})
