import type { Connectors } from '../core/connectors.ts'
import type { JobName, QueuedJob } from '../core/domain/job.ts'
import type { AnyProvider } from '../core/domain/provider.ts'
import type { TenantId } from '../core/domain/tenant.ts'
import { jobPayloads, type PayloadOf } from './job-definitions.ts'

type Runs = { readonly [Name in JobName]: (payload: PayloadOf<Name>, signal: AbortSignal) => Promise<unknown> }

/** Does what a job says, by the verbs of the facade: every one of them passes the gate and feeds the breaker. */
export function createRunJob<T extends TenantId>(
  { connections, credentials, sync, webhooks }: Connectors<AnyProvider, T>['operator'],
  tick: () => Promise<unknown>,
): (job: QueuedJob, signal: AbortSignal) => Promise<unknown> {
  const runSync = ({ connectionId, resource }: PayloadOf<'sync.full'>, signal: AbortSignal) =>
    // Of providers that could be any, the resources aren't known to the types; the verb checks the name.
    sync.runIfDue(connectionId, resource as never, { signal })
  const runs: Runs = {
    tick: () => tick(),
    'credentials.refresh': ({ connectionId }) => credentials.refreshIfDue(connectionId),
    'webhook.process': ({ eventId }, signal) => webhooks.process(eventId, { signal }),
    'adapter.call': ({ connectionId, method, args }, signal) =>
      connections.call(connectionId, { method, args, signal }),
    'sync.incremental': runSync,
    'sync.full': runSync,
  }
  return async ({ name, data }, signal) => {
    // Which run takes which payload is what the two tables say.
    const run = runs[name] as (payload: unknown, signal: AbortSignal) => Promise<unknown>
    return run(jobPayloads[name].parse(data), signal)
  }
}
