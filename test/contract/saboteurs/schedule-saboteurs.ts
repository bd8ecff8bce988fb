import { operatorScope } from '../../../src/core/domain/tenant.ts'
import type { Saboteur } from './saboteur.ts'
import { syncStateSaboteur } from './sync-state-saboteur.ts'

export const scheduleSaboteurs: readonly Saboteur[] = [
  syncStateSaboteur('who waits longest gets everything', ['sync-states/due/fair'], (good) => ({
    due: (query) => good.due({ ...query, perTenant: query.limit }),
  })),

  syncStateSaboteur('shares are given out among the first rows only', ['sync-states/due/fair'], (good) => ({
    due: async (query) => {
      const front = await good.due({ ...query, perTenant: query.limit })
      const within = front.filter(
        (row, index) =>
          front.slice(0, index).filter(({ tenantId }) => tenantId === row.tenantId).length < query.perTenant,
      )
      return [...within, ...front.filter((row) => !within.includes(row))]
    },
  })),

  syncStateSaboteur('what is beyond a share is never handed out', ['sync-states/due/fair'], (good) => ({
    due: async (query) => {
      const rows = await good.due(query)
      return rows.filter(
        (row, index) =>
          rows.slice(0, index).filter(({ tenantId }) => tenantId === row.tenantId).length < query.perTenant,
      )
    },
  })),

  syncStateSaboteur('what somebody holds is due', ['sync-states/due/which'], (good) => ({
    due: (query) => good.due({ ...query, clockSkewMs: Number.NEGATIVE_INFINITY }),
  })),

  syncStateSaboteur('what somebody holds is due as soon as the lease expired', ['sync-states/due/which'], (good) => ({
    due: (query) => good.due({ ...query, clockSkewMs: 0 }),
  })),

  syncStateSaboteur(
    'moveDue looks when it is due, then moves whatever is there',
    ['sync-states/move-due/one-winner', 'sync-states/move-due/changed'],
    (good) => ({
      moveDue: async (ref, change) => {
        const row = await good.find({ scope: operatorScope, ...ref })
        if (row === null) return false
        await good.schedule(ref, { id: row.id, at: change.at, schedule: row.schedule, dueAt: change.to })
        return true
      },
    }),
  ),

  syncStateSaboteur('a row can never be moved on to no time', ['sync-states/move-due/none'], (good) => ({
    moveDue: async (ref, change) => change.to !== null && good.moveDue(ref, change),
  })),

  syncStateSaboteur('a request is the row anew', ['sync-states/request/keeps'], (good) => ({
    request: async (ref, change) => {
      await good.schedule(ref, { ...change, schedule: null, dueAt: null })
      return good.request(ref, change)
    },
  })),

  syncStateSaboteur('a request takes the lease away', ['sync-states/request/keeps'], (good) => ({
    request: async (ref, change) => {
      const row = await good.request(ref, change)
      await good.release(ref, { fence: row.fence, at: change.at, status: row.status })
      return { ...row, leaseOwner: null, leaseExpiresAt: null }
    },
  })),

  syncStateSaboteur(
    'a request forgets that it was for a full pass',
    ['sync-states/request/creates', 'sync-states/request/keeps', 'sync-states/request/full'],
    (good) => ({ request: (ref, change) => good.request(ref, { ...change, isFull: false }) }),
  ),

  syncStateSaboteur('a full pass that begins leaves its request', ['sync-states/request/full'], (good) => ({
    acquire: async (ref, lease) => {
      const row = await good.acquire(ref, lease)
      return lease.begin === 'full' && row !== null ? { ...row, fullRequestedAt: lease.at } : row
    },
  })),

  syncStateSaboteur('a request matches the connection alone', ['sync-states/request/foreign'], (good) => ({
    request: async (ref, change) => good.request((await good.find({ scope: operatorScope, ...ref })) ?? ref, change),
  })),

  syncStateSaboteur(
    'a schedule is forgotten where the row has to be created',
    ['sync-states/schedule/creates'],
    (good) => ({
      schedule: async (ref, change) => {
        const isThere = (await good.find({ scope: operatorScope, ...ref })) !== null
        return good.schedule(ref, isThere ? change : { ...change, dueAt: null })
      },
    }),
  ),

  syncStateSaboteur('a schedule takes the lease away', ['sync-states/schedule/keeps'], (good) => ({
    schedule: async (ref, change) => {
      const row = await good.schedule(ref, change)
      await good.release(ref, { fence: row.fence, at: change.at, status: row.status })
      return { ...row, leaseOwner: null, leaseExpiresAt: null }
    },
  })),

  syncStateSaboteur('a schedule matches the connection alone', ['sync-states/schedule/foreign'], (good) => ({
    schedule: async (ref, change) => good.schedule((await good.find({ scope: operatorScope, ...ref })) ?? ref, change),
  })),

  syncStateSaboteur(
    'of concurrent schedules each believes to have created the row',
    ['sync-states/schedule/race'],
    (good) => ({
      schedule: async (ref, change) => ({ ...(await good.schedule(ref, change)), id: change.id }),
    }),
  ),
]
