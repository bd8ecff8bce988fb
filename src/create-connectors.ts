import type { NodePorts } from './adapters/node/node-ports.ts'
import { createPinoLogger } from './adapters/node/pino-logger.ts'
import { systemClock } from './adapters/node/system-clock.ts'
import { checkRepositories } from './core/check-repositories.ts'
import type { Connectors } from './core/connectors.ts'
import { createCore } from './core/create-core.ts'
import type { AnyProvider } from './core/domain/provider.ts'
import type { TenantId } from './core/domain/tenant.ts'
import { type ConnectorsOptions, resolveOptions } from './core/options.ts'
import type { Repositories } from './core/ports/repositories.ts'
import { createHarmlessLogger } from './core/services/harmless-logger.ts'
import { createConnectorsHandler } from './http/connectors-handler.ts'
import { createBeginProcessing } from './jobs/begin-processing.ts'
import { createJobVerbs } from './jobs/create-job-verbs.ts'
import { inProcessQueue } from './jobs/in-process-queue.ts'

/**
 * Makes the library out of your repositories and providers. Synchronous: it checks all it can; `ready()` does the rest.
 *
 * @example
 * const connectors = createConnectors(prismaRepositories(prisma), {
 *   providers: [github],
 *   encryption: { keys: [{ id: '2026-11', key: process.env.CONNECTORS_KEY }] },
 *   handlers: { 'code.issues': async ({ items, tx }) => { … } },
 * })
 *
 * @throws {ConnectorsError} `INVALID_OPTIONS`, naming each mistake and what to do about it.
 */
export function createConnectors<
  const Providers extends readonly AnyProvider[],
  T extends TenantId = TenantId,
  Tx = unknown,
>(
  repositories: Repositories<T, Tx>,
  options: ConnectorsOptions<Providers, T, Tx>,
): Connectors<Providers[number], T, Tx> {
  checkRepositories(repositories)
  const resolved = resolveOptions(options)
  const logger = createHarmlessLogger(resolved.logger ?? createPinoLogger())
  const clock = resolved.clock ?? systemClock
  let ports: Promise<NodePorts> | null = null
  const load = () => {
    ports ??= import('./adapters/node/node-ports.ts').then(({ createNodePorts }) => createNodePorts(resolved))
    return ports
  }
  const core = createCore<T, Tx>({ repositories, clock, logger, load }, resolved)
  const report = (error: unknown, message: string) => logger.error({ err: error }, message)
  const queue = resolved.queue ?? inProcessQueue()
  const jobs = createJobVerbs<T>(core, { queue, now: clock.now, timer: clock.schedule, report })
  const handler = createConnectorsHandler<T>(core, {
    beginProcessing: createBeginProcessing<T>(core.operator.webhooks, queue),
    webhooksPath: resolved.webhooks.path,
    oauthPath: resolved.oauth.path,
    report,
  })
  const close: typeof core.close = async (limits) => {
    await core.close(limits)
    // What it still holds is refused by now, and stands in the rows; after a time limit it isn't waited for either.
    const stopped = queue.close()
    if (limits?.timeoutMs === undefined) await stopped
    else stopped.catch((error: unknown) => report(error, 'the queue could not be closed'))
    await (await ports)?.closeTransport()
  }
  // The core knows providers at run time only; what it does with these is what their types say.
  return { ...core, ...jobs, handler, close } as unknown as Connectors<Providers[number], T, Tx>
}
