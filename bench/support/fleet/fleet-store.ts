import { fairShare } from '../../../src/adapters/kit/fair-share.ts'
import type { SyncState } from '../../../src/core/domain/sync-state.ts'
import type { SyncStateRepository } from '../../../src/core/ports/sync-state-repository.ts'

/** What a schedule asks of the store, with an index over the times, as a database has. */
export interface FleetStore extends Pick<SyncStateRepository<string>, 'due' | 'find' | 'moveDue'> {
  readonly put: (row: SyncState<string>) => void
  /** Rows that are due and that nobody runs. */
  readonly dueCount: (at: Date) => number
}

/** The rows of each second of the day: a walk over them in order is the walk along the index. */
export function fleetStore(): FleetStore {
  const rows = new Map<string, SyncState<string>>()
  const seconds = new Map<number, Set<string>>()
  let oldest = Number.POSITIVE_INFINITY
  const keyOf = (row: { readonly connectionId: string; readonly resourceType: string }) =>
    `${row.connectionId} ${row.resourceType}`
  const secondOf = (at: Date) => Math.floor(at.getTime() / 1_000)

  const put = (row: SyncState<string>) => {
    const key = keyOf(row)
    const before = rows.get(key)?.dueAt ?? null
    rows.set(key, row)
    if (before?.getTime() === row.dueAt?.getTime()) return
    if (before !== null) {
      const second = seconds.get(secondOf(before))
      second?.delete(key)
      if (second?.size === 0) seconds.delete(secondOf(before))
    }
    if (row.dueAt === null) return
    const second = secondOf(row.dueAt)
    const keys = seconds.get(second) ?? new Set()
    seconds.set(second, keys.add(key))
    oldest = Math.min(oldest, second)
  }

  function* free(at: Date): Generator<SyncState<string>> {
    const last = secondOf(at)
    while (oldest <= last && !seconds.has(oldest)) oldest += 1
    for (let second = oldest; second <= last; second += 1) {
      const found = [...(seconds.get(second) ?? [])].flatMap((key) => rows.get(key) ?? [])
      for (const row of found.toSorted((a, b) => Number(a.dueAt) - Number(b.dueAt) || (a.id < b.id ? -1 : 1))) {
        if (row.leaseOwner === null && row.dueAt !== null && row.dueAt <= at) yield row
      }
    }
  }

  return {
    put,
    dueCount: (at) => {
      let count = 0
      for (const _ of free(at)) count += 1
      return count
    },
    find: async (ref) => rows.get(keyOf(ref)) ?? null,
    moveDue: async (ref, { at, from, to }) => {
      const row = rows.get(keyOf(ref))
      if (row?.dueAt?.getTime() !== from.getTime()) return false
      put({ ...row, dueAt: to, updatedAt: at })
      return true
    },
    due: ({ at, limit, perTenant }) =>
      fairShare({
        fetch: async (except: readonly string[], count) => {
          const found: SyncState<string>[] = []
          for (const row of free(at)) {
            if (found.length >= count) break
            if (!except.includes(row.tenantId)) found.push(row)
          }
          return found
        },
        limit,
        perTenant,
      }),
  }
}
