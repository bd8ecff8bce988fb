import type { Finding } from './finding.ts'
import type { Patient } from './patient.ts'

/** The skew that leases allow for, unless the option `clockSkewMs` says otherwise. */
const allowedMs = 10_000

/**
 * Whether a row says that it was written in the future. All instants are those of the processes that write, so this shows
 * a clock that is behind the others; one that is ahead shows to the others.
 */
export async function checkClock({ connectors, connections, syncStates, at }: Patient): Promise<readonly Finding[]> {
  const { webhooks, executions } = connectors.operator
  const newest = [
    ...(await webhooks.list().page({ limit: 1 })).items,
    ...(await executions.list().page({ limit: 1 })).items,
  ]
  const written = [
    ...newest.map(({ createdAt }) => createdAt),
    ...[...connections, ...syncStates].map(({ updatedAt }) => updatedAt),
  ]
  const aheadMs = written.reduce((most, instant) => Math.max(most, instant.getTime() - at.getTime()), 0)
  if (aheadMs <= allowedMs) return []
  return [
    {
      code: 'CLOCK_BEHIND',
      message: `A row was written ${(aheadMs / 1_000).toLocaleString('en-US', { maximumFractionDigits: 0 })} seconds after now: this clock is behind, or another is ahead.`,
      advice: 'Have all machines keep their time by NTP. Leases allow for clockSkewMs (10 seconds) between them.',
      examples: [],
    },
  ]
}
