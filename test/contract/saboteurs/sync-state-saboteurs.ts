import { operatorScope } from '../../../src/core/domain/tenant.ts'
import type { SyncStateRef } from '../../../src/core/ports/sync-state-repository.ts'
import type { Saboteur } from './saboteur.ts'
import { syncStateSaboteur } from './sync-state-saboteur.ts'

function cursors(
  mistake: string,
  names: readonly string[],
  store: (cursor: string | null, before: string | null) => string | null,
): Saboteur {
  return syncStateSaboteur(
    mistake,
    names.map((name) => `sync-states/commit/cursor-${name}`),
    (good) => ({
      commit: async (ref, progress) => {
        const row = await good.find({ scope: operatorScope, ...ref })
        await good.commit(ref, { ...progress, cursor: store(progress.cursor, row?.cursor ?? null) })
      },
    }),
  )
}

export const syncStateSaboteurs: readonly Saboteur[] = [
  cursors('a falsy cursor is dropped', ['empty-text', 'zero', 'null-text'], (cursor) =>
    cursor !== null && JSON.parse(cursor) ? cursor : null,
  ),
  cursors('the cursor null is taken for "no change"', ['null'], (cursor, before) => cursor ?? before),
  cursors('a cursor is cut at 64 kB', ['long'], (cursor) => cursor?.slice(0, 65_535) ?? null),
  cursors('the column knows Latin letters only', ['emoji'], (cursor) =>
    cursor === null ? null : Buffer.from(cursor, 'latin1').toString('latin1'),
  ),
  cursors('a cursor is parsed and written anew', ['layout'], (cursor) =>
    cursor === null ? null : JSON.stringify(JSON.parse(cursor)),
  ),

  syncStateSaboteur(
    'acquire looks whether the lease is free, then believes to have it',
    [
      'sync-states/acquire/one-winner-new',
      'sync-states/acquire/one-winner-existing',
      'sync-states/acquire/one-winner-expired',
    ],
    (good) => ({
      acquire: async (ref, lease) => {
        const before = await good.find({ scope: operatorScope, ...ref })
        const expiredMs = lease.at.getTime() - (before?.leaseExpiresAt?.getTime() ?? 0)
        const isFree = before === null || before.leaseOwner === null || expiredMs > lease.clockSkewMs
        const taken = await good.acquire(ref, lease)
        if (taken !== null || !isFree) return taken
        const now = await good.find({ scope: operatorScope, ...ref })
        return now === null ? null : { ...now, leaseOwner: lease.owner }
      },
    }),
  ),

  syncStateSaboteur('items are counted in 32 bits', ['sync-states/commit/exact-count'], (good) => ({
    find: async (query) => {
      const row = await good.find(query)
      return row === null ? null : { ...row, itemsSynced: row.itemsSynced | 0 }
    },
  })),

  syncStateSaboteur('a lease is taken over as soon as it expired', ['sync-states/acquire/takeover'], (good) => ({
    acquire: (ref, lease) => good.acquire(ref, { ...lease, clockSkewMs: 0 }),
  })),

  syncStateSaboteur(
    'writes carry no fence',
    ['sync-states/all/stale-fence', 'sync-states/all/lease-given-back', 'sync-states/all/missing'],
    (good) => {
      const current = async (ref: SyncStateRef<string>) => {
        const row = await good.find({ scope: operatorScope, ...ref })
        return row?.fence ?? 0
      }
      return {
        renew: async (ref, renewal) => good.renew(ref, { ...renewal, fence: await current(ref) }).catch(() => {}),
        fail: async (ref, failure) => good.fail(ref, { ...failure, fence: await current(ref) }).catch(() => {}),
      }
    },
  ),

  syncStateSaboteur('release carries no fence', ['sync-states/all/stale-fence'], (good) => ({
    release: async (ref, release) => {
      const row = await good.find({ scope: operatorScope, ...ref })
      await good.release(ref, { ...release, fence: row?.fence ?? 0 })
    },
  })),

  syncStateSaboteur(
    'release sets the status of a state that nobody holds',
    ['sync-states/all/lease-given-back'],
    (good) => {
      const released = new Map<string, string>()
      return {
        find: async (query) => {
          const row = await good.find(query)
          const status = released.get(query.connectionId)
          return row === null || status === undefined ? row : { ...row, status: 'idle' }
        },
        release: async (ref, release) => {
          await good.release(ref, release)
          released.set(ref.connectionId, release.status)
        },
      }
    },
  ),

  syncStateSaboteur(
    'commit checks fence and revision, then writes whatever is there',
    ['sync-states/commit/one-winner'],
    (good) => ({
      commit: async (ref, progress) => {
        const row = await good.find({ scope: operatorScope, ...ref })
        if (row?.revision !== progress.revision) return good.commit(ref, progress)
        for (;;) {
          const now = await good.find({ scope: operatorScope, ...ref })
          const revision = now?.revision ?? 0
          const isWritten = await good.commit(ref, { ...progress, revision }).then(
            () => true,
            () => false,
          )
          if (isWritten) return
        }
      },
    }),
  ),

  syncStateSaboteur('commit ignores the revision', ['sync-states/commit/stale-revision'], (good) => ({
    commit: async (ref, progress) => {
      const row = await good.find({ scope: operatorScope, ...ref })
      await good.commit(ref, { ...progress, revision: row?.revision ?? 0 })
    },
  })),

  syncStateSaboteur(
    'reads forget the tenant',
    ['sync-states/find/scopes', 'sync-states/list/scopes', 'sync-states/all/exact-tenant'],
    (good) => ({
      find: (query) => good.find({ ...query, scope: operatorScope }),
      list: (query) => good.list({ ...query, scope: operatorScope }),
    }),
  ),

  syncStateSaboteur(
    'acquire looks whose state it is after it took it',
    ['sync-states/all/foreign-tenant', 'sync-states/all/exact-tenant'],
    (good) => ({
      acquire: async (ref, lease) => {
        const row = await good.find({ scope: operatorScope, ...ref })
        const taken = await good.acquire(row ?? ref, lease)
        return taken?.tenantId === ref.tenantId ? taken : null
      },
    }),
  ),

  syncStateSaboteur('a write matches the connection alone', ['sync-states/all/foreign-tenant'], (good) => ({
    renew: async (ref, renewal) => {
      const row = await good.find({ scope: operatorScope, ...ref })
      await good.renew(row ?? ref, renewal)
    },
  })),
  syncStateSaboteur('who ran long ago counts as running', ['sync-states/list/filters'], (good) => ({
    list: (query) => good.list({ ...query, at: new Date(0) }),
  })),
  syncStateSaboteur('who is interrupted goes on', ['sync-states/interrupt/holder-stopped'], (good) => ({
    interrupt: (ref, change) =>
      change.forget ? good.interrupt(ref, change) : good.find({ scope: operatorScope, ...ref }),
  })),
  syncStateSaboteur('a state is stopped, but not forgotten', ['sync-states/interrupt/forget'], (good) => ({
    interrupt: (ref, change) => good.interrupt(ref, { ...change, forget: false }),
  })),
]
