import type { Connectors } from '../core/connectors.ts'
import { ConnectorsError, isConnectorsError } from '../core/domain/errors.ts'
import type { JobQueue, QueuedJob } from '../core/domain/job.ts'
import type { Json } from '../core/domain/json.ts'
import type { AnyProvider } from '../core/domain/provider.ts'
import type { TenantId } from '../core/domain/tenant.ts'
import type { Enqueue, EnqueueResult } from '../core/job-verbs.ts'
import { makeJob, type PayloadOf } from './job-definitions.ts'

/** What any job may be made from. */
interface AnyRequest<T extends TenantId> {
  readonly tenantId: T
  readonly connectionId: string
  readonly resource: string
  readonly eventId: string
  readonly provider: AnyProvider
  readonly method: string
  readonly args: readonly Json[]
  readonly key?: string
}

/** Makes the verb: what a tenant may not see is refused here, for a worker asks nobody. */
export function createEnqueue<T extends TenantId>(
  connectors: Pick<Connectors<AnyProvider, T>, 'forTenant'>,
  queue: JobQueue,
  report: (error: unknown, message: string) => void,
): Enqueue<AnyProvider, T> {
  /** The row knows: a queue that is away delays it at most. */
  const enqueueRow = async (job: QueuedJob): Promise<EnqueueResult> => {
    try {
      return { status: await queue.enqueue(job) }
    } catch (error) {
      if (!isConnectorsError(error, 'QUEUE_UNAVAILABLE')) throw error
      report(error, 'the queue is away; a tick will find the job in its row')
      return { status: 'recorded' }
    }
  }

  const enqueue = async (name: string, request: AnyRequest<T>): Promise<EnqueueResult> => {
    if (name === 'tick') return { status: await queue.enqueue(makeJob('tick', {})) }
    const { tenantId, connectionId, resource, eventId, method, key } = request
    const { connections, sync, webhooks } = connectors.forTenant(tenantId)
    const tenant = String(tenantId)
    switch (name) {
      case 'adapter.call': {
        // Only read; zod's type of JSON can be written to.
        const args = request.args as PayloadOf<'adapter.call'>['args']
        await connections.checkCall(connectionId, { method, args })
        const ownKey = key === undefined ? undefined : `call:${connectionId}:${key}`
        return { status: await queue.enqueue(makeJob(name, { tenant, connectionId, method, args }, ownKey)) }
      }
      case 'sync.incremental':
      case 'sync.full':
        // Of providers that could be any, the resources aren't known to the types; the verb checks the name.
        await sync.request(connectionId, resource as never, { isFull: name === 'sync.full' })
        return enqueueRow(makeJob(name, { tenant, connectionId, resource }))
      case 'webhook.process':
        await webhooks.get(eventId)
        return enqueueRow(makeJob(name, { tenant, eventId }))
      default:
        throw new ConnectorsError(
          'INVALID_INPUT',
          `There is no job ${JSON.stringify(name)}. There are: adapter.call, sync.incremental, sync.full, webhook.process, tick.`,
        )
    }
  }
  // Which request goes with which name is what the overloads say.
  return enqueue as Enqueue<AnyProvider, T>
}
