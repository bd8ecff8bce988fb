import type { QueuedJob } from '../core/domain/job.ts'

/** Who may be at it at the same time, in one process. */
export interface Seats {
  /** A seat, to be given back by calling the answer; `null`: tenant or connection have enough. */
  readonly take: (job: QueuedJob) => (() => void) | null
  /** The same, waiting for it. */
  readonly wait: (job: QueuedJob) => Promise<() => void>
  /** Whether there is none for this job. */
  readonly isTaken: (job: QueuedJob) => boolean
  readonly freeCount: () => number
  readonly takenCount: () => number
}

/** Seats of a process, with limits per tenant and per connection. */
export function createSeats(limits: {
  readonly concurrency: number
  readonly perTenant: number
  readonly perConnection: number
}): Seats {
  const taken = new Map<string, number>()
  const waiting = new Set<() => void>()
  let total = 0

  const groupsOf = ({ data }: QueuedJob) =>
    [
      { group: `tenant ${data.tenant}`, limit: limits.perTenant, isMeant: data.tenant !== undefined },
      {
        group: `connection ${data.connectionId}`,
        limit: limits.perConnection,
        isMeant: data.connectionId !== undefined,
      },
    ].filter(({ isMeant }) => isMeant)
  const isTaken = (job: QueuedJob) => groupsOf(job).some(({ group, limit }) => (taken.get(group) ?? 0) >= limit)
  const count = (group: string, by: 1 | -1) => {
    const left = (taken.get(group) ?? 0) + by
    if (left === 0) taken.delete(group)
    else taken.set(group, left)
  }

  const take = (job: QueuedJob) => {
    if (isTaken(job)) return null
    const groups = groupsOf(job)
    for (const { group } of groups) count(group, 1)
    total += 1
    return () => {
      for (const { group } of groups) count(group, -1)
      total -= 1
      for (const look of [...waiting]) look()
    }
  }

  return {
    take,
    isTaken,
    wait: (job) =>
      new Promise((resolve) => {
        const look = () => {
          const leave = take(job)
          if (leave === null) return
          waiting.delete(look)
          resolve(leave)
        }
        waiting.add(look)
        look()
      }),
    freeCount: () => Math.max(0, limits.concurrency - total),
    takenCount: () => total,
  }
}
