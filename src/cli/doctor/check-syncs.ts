import type { SyncStateView } from '../../core/domain/sync-state.ts'
import { type Finding, findingOf } from './finding.ts'
import { countText, lateMs, type Patient } from './patient.ts'

/** After this the lease of a process that died would have been taken over by any worker there is. */
const takenOverMs = 5 * 60_000
/** As many failures one after another are no coincidence. */
const failingCount = 3

/** Whether syncs run, and run when they are due. */
export async function checkSyncs({ connectors, syncStates, at }: Patient): Promise<readonly Finding[]> {
  const ago = (ms: number) => new Date(at.getTime() - ms)
  const isBefore = (instant: Date | null, other: Date) => instant !== null && instant < other
  const nameOf = ({ connectionId, resourceType }: SyncStateView) => `${connectionId} ${resourceType}`
  // The longest-waiting come first.
  const due = await connectors.operator.sync.due({ limit: dueCount, perTenant: dueCount })
  const late = due.filter(({ dueAt, isAbandoned }) => !isAbandoned && dueAt < ago(lateMs))
  const stuck = syncStates.filter(({ leaseExpiresAt }) => isBefore(leaseExpiresAt, ago(takenOverMs)))
  const failing = syncStates.filter(({ errorCount }) => errorCount >= failingCount)
  return [
    ...findingOf(stuck, nameOf, (count) => ({
      code: 'SYNC_STUCK',
      message: `${countText(count, 'sync')} never ended: the process is gone, its lease has expired, and nobody went on.`,
      advice: 'Start a worker (connectors.work), or run them: npx bapp-connectors sync run <connectionId> <resource>.',
    })),
    ...findingOf(
      late,
      ({ connectionId, resource }) => `${connectionId} ${resource}`,
      (count) => ({
        code: 'SYNC_OVERDUE',
        message: `${countText(count, 'sync', dueCount)} due for more than ${lateMs / 60_000} minutes, the first since ${late[0]?.dueAt.toISOString()}.`,
        advice: 'Start a worker (connectors.work), or more of them; without one call operator.sync.runDue.',
      }),
    ),
    ...findingOf(failing, nameOf, (count) => ({
      code: 'SYNC_FAILING',
      message: `${countText(count, 'sync')} failed ${failingCount} times or more in a row.`,
      advice: 'lastError of sync.state says why; so does the console.',
    })),
  ]
}

const dueCount = 1_000
