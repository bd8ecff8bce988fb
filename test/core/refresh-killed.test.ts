import { expect, onTestFinished, test } from 'vitest'
import { openNotebookProcess } from '../support/notebook-process.ts'
import { notebookApp, startNotebookServer } from '../support/notebook-server.ts'
import { createPostgresDatabase } from '../support/postgres-database.ts'
import type { RefreshJob } from '../support/refresh-job.ts'
import { testKey } from '../support/shop-world.ts'
import { startWorkers } from '../support/start-workers.ts'

const kills = Number(process.env.REFRESH_KILLS ?? 5)
const laneCount = 2
const hour = 3_600_000

/** Where a process is killed, whether the grant is lost by that, and how many token requests the provider decides in all. */
const places = {
  /** Nothing was asked yet. */
  leased: { isLost: false, decidedCount: 1 },
  /** The request is on its way, and comes to nothing. */
  sent: { isLost: false, decidedCount: 1 },
  /** The provider has decided, and its answer is on its way. */
  answered: { isLost: true, decidedCount: 2 },
  /** The answer has arrived, and is written nowhere. */
  received: { isLost: true, decidedCount: 2 },
  /** It is written, and nobody was told. */
  written: { isLost: false, decidedCount: 1 },
} as const
type Place = keyof typeof places
const placeNames = Object.keys(places) as Place[]

test(`${kills} processes are killed at a refresh: the grant is lost only between answer and commit, which is said once`, async () => {
  const start = await startWorkers('support/refresh-worker.ts')
  const server = await startNotebookServer()
  const database = await createPostgresDatabase()
  const settings = { url: database.url, key: testKey(), origin: server.origin, app: notebookApp }
  const now = openNotebookProcess({ ...settings, aheadMs: 0 })
  /** They come when the lease of a killed one is over. */
  const heirs = [2.5, 2.5].map((hours) => openNotebookProcess({ ...settings, aheadMs: hours * hour }))
  onTestFinished(async () => {
    for (const { close } of [now, ...heirs]) await close()
    await database.drop()
    await server.close()
  })
  await now.prisma.tenant.create({ data: { id: 'acme' } })
  const told: string[] = []
  for (const { connectors } of heirs) {
    connectors.on('connection.needsReauthorization', ({ connectionId }) => void told.push(connectionId))
  }
  const stops = stopsAt(server)

  const strike = async (number: number, place: Place) => {
    const account = `account-${number}`
    const tokens = server.grant(account)
    const tenant = now.connectors.forTenant('acme').connections
    const credentials = { ...tokens, expiresAt: new Date(Date.now() + hour).toISOString() }
    const { id } = await tenant.create(now.notebook, { credentials, settings: { region: 'eu' } })
    await tenant.test(id)

    const isAtProvider = place === 'sent' || place === 'answered'
    const stop = isAtProvider ? stops.add(tokens.refreshToken, place) : null
    const job: RefreshJob = {
      ...settings,
      aheadMs: 2 * hour,
      connectionId: id,
      callCount: 3,
      place: isAtProvider ? null : place,
    }
    const worker = start(JSON.stringify(job))
    expect(await worker.line()).toBe('ready')
    worker.tell('go')
    if (stop === null) expect(await worker.line()).toBe('here')
    else await stop.isReached
    await worker.kill()
    stop?.letGo()

    const calls = await Promise.allSettled(
      heirs.flatMap(({ connectors, notebook }) =>
        Array.from({ length: 3 }, async () =>
          (await connectors.forTenant('acme').connections.adapter(id, notebook)).whoAmI(),
        ),
      ),
    )
    const row = await now.repositories.connections.find({ scope: { kind: 'operator' }, id })
    return {
      place,
      succeededCount: calls.filter(({ status }) => status === 'fulfilled').length,
      decidedCount: server.decidedCount(account),
      needsReauthorization: row?.needsReauthorization,
      isConnected: row?.isConnected,
      toldCount: told.filter((connectionId) => connectionId === id).length,
      isLeased: row?.refreshLeaseOwner !== null,
    }
  }

  let begun = 0
  const ends: Awaited<ReturnType<typeof strike>>[] = []
  const lane = async () => {
    while (begun < kills) {
      const number = begun
      begun += 1
      ends.push(await strike(number, placeNames[number % placeNames.length] ?? 'leased'))
    }
  }
  await Promise.all(Array.from({ length: laneCount }, lane))
  expect(ends).toHaveLength(kills)
  for (const end of ends) {
    const { isLost, decidedCount } = places[end.place]
    expect(end).toEqual({
      place: end.place,
      succeededCount: isLost ? 0 : 6,
      decidedCount,
      needsReauthorization: isLost,
      isConnected: !isLost,
      toldCount: isLost ? 1 : 0,
      isLeased: false,
    })
  }
}, 180_000)

/** Has single token requests stand still at the provider: before they are looked at, or when the answer is decided. */
function stopsAt(server: Awaited<ReturnType<typeof startNotebookServer>>) {
  const stops = new Map<string, { readonly place: Place; readonly reach: () => void; readonly isOver: Promise<void> }>()
  const stand = async (place: Place, refreshToken: string) => {
    const stop = stops.get(refreshToken)
    if (stop?.place !== place) return undefined
    stops.delete(refreshToken)
    stop.reach()
    await stop.isOver
    return 'lost'
  }
  server.beforeToken = (refreshToken) => stand('sent', refreshToken)
  server.beforeAnswer = (refreshToken) => stand('answered', refreshToken)
  return {
    add: (refreshToken: string, place: Place) => {
      let letGo = () => {}
      const isOver = new Promise<void>((resolve) => {
        letGo = resolve
      })
      const isReached = new Promise<void>((reach) => {
        stops.set(refreshToken, { place, reach, isOver })
      })
      return { isReached, letGo }
    },
  }
}
