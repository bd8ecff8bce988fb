import { onTestFinished } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import type { ConnectorEvents, EventName } from '../../src/core/domain/events.ts'
import type { ConnectorsOptions } from '../../src/core/options.ts'
import type { Repositories } from '../../src/core/ports/repositories.ts'
import { createConnectors } from '../../src/create-connectors.ts'
import { createFakeClock } from './fake-clock.ts'
import { notebookAt } from './notebook-provider.ts'
import { notebookApp, startNotebookServer } from './notebook-server.ts'
import { testKey } from './shop-world.ts'

/** In milliseconds. */
export const hour = 3_600_000

type NotebookOptions = Partial<ConnectorsOptions<readonly [ReturnType<typeof notebookAt>], string>>

/** Some processes over one store, and the notebooks that they talk to. Access tokens live for an hour. */
export async function createNotebookWorld({
  processes = 1,
  repositories = memoryRepositories<string>(),
  options = {},
}: {
  readonly processes?: number
  readonly repositories?: Repositories<string, unknown>
  readonly options?: NotebookOptions
} = {}) {
  const server = await startNotebookServer()
  const clock = createFakeClock()
  const provider = notebookAt(server.origin)
  const events: { readonly name: EventName; readonly event: ConnectorEvents[EventName] }[] = []
  const logLines: string[] = []
  const log = (fields: object, message: string) =>
    void logLines.push(JSON.stringify({ ...fields, message, err: String((fields as { err?: unknown }).err ?? '') }))
  const start = (own: NotebookOptions = {}) => {
    const connectors = createConnectors(repositories, {
      providers: [provider],
      encryption: { keys: [{ id: 'test-key', key: testKey() }] },
      oauth: { apps: { notebook: notebookApp } },
      http: { allowPrivateNetwork: true },
      clock,
      logger: { debug: log, info: log, warn: log, error: log },
      ...options,
      ...own,
    })
    for (const name of ['connection.needsReauthorization', 'credentials.refreshed', 'connection.disabled'] as const) {
      connectors.on(name, (event) => events.push({ name, event }))
    }
    onTestFinished(() => connectors.close())
    return connectors
  }
  const [first, ...others] = Array.from({ length: processes }, () => start())
  if (first === undefined) throw new Error('a world has a process at least')
  onTestFinished(() => server.close())

  /** A connection with a grant, and the adapter of each process for it. */
  const connect = async (account = 'ada', tenantId = 'acme') => {
    const tenant = first.forTenant(tenantId)
    const expiresAt = new Date(clock.now().getTime() + hour)
    const credentials = { ...server.grant(account), expiresAt: expiresAt.toISOString() }
    const { id } = await tenant.connections.create(provider, { credentials, settings: { region: 'eu' } })
    await tenant.connections.test(id)
    const adapters = await Promise.all(
      [first, ...others].map((connectors) => connectors.forTenant(tenantId).connections.adapter(id, provider)),
    )
    const [adapter] = adapters
    if (adapter === undefined) throw new Error('there is an adapter for each process')
    return {
      id,
      tenant,
      adapter,
      adapters,
      row: () => repositories.connections.find({ scope: { kind: 'operator' }, id }),
    }
  }
  /** Moves the clock on, in steps between which everything real goes on, until work has ended. */
  const letTimePass = async <R>(work: Promise<R>, stepMs = 10): Promise<R> => {
    let isOver = false
    const end = () => {
      isOver = true
    }
    void work.then(end, end)
    while (!isOver) {
      await clock.advance(stepMs)
      await new Promise((resolve) => setImmediate(resolve))
    }
    return work
  }
  return {
    server,
    clock,
    letTimePass,
    provider,
    repositories,
    connectors: first,
    processes: [first, ...others],
    start,
    connect,
    logLines,
    eventsOf: (name: EventName) => events.filter((entry) => entry.name === name).map(({ event }) => event),
  }
}
