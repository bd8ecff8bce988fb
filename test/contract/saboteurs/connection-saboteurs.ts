import { breaker } from '../../../src/core/domain/breaker.ts'
import type { Connection } from '../../../src/core/domain/connection.ts'
import { ConnectorsError } from '../../../src/core/domain/errors.ts'
import { operatorScope } from '../../../src/core/domain/tenant.ts'
import type { ConnectionRepository } from '../../../src/core/ports/connection-repository.ts'
import type { Saboteur } from './saboteur.ts'

function connections(
  mistake: string,
  caughtBy: readonly string[],
  change: (good: ConnectionRepository<string>) => Partial<ConnectionRepository<string>>,
): Saboteur {
  return {
    mistake,
    caughtBy,
    sabotage: (good) => ({ ...good, connections: { ...good.connections, ...change(good.connections) } }),
  }
}

const slotOf = (row: Connection<string>) =>
  JSON.stringify([row.tenantId, row.providerFamily, row.providerName, row.slot])

export const connectionSaboteurs: readonly Saboteur[] = [
  connections('create looks for a conflict, then inserts', ['connections/create/one-winner'], (good) => {
    const taken = new Set<string>()
    return {
      create: async (connection) => {
        if (taken.has(slotOf(connection))) throw new ConnectorsError('CONFLICT', 'taken')
        await good.create({ ...connection, slot: connection.id })
        taken.add(slotOf(connection))
      },
    }
  }),

  connections('tenant ids are kept in lower case', ['connections/create/exact-spelling'], (good) => ({
    create: (connection) => good.create({ ...connection, tenantId: connection.tenantId.toLowerCase() }),
  })),

  connections('create overwrites what is in the slot', ['connections/create/conflict'], (good) => ({
    create: (connection) =>
      good.create(connection).catch(async () => {
        const { items } = await good.list({ scope: operatorScope, filter: {}, limit: 1_000 })
        const first = items.find((row) => slotOf(row) === slotOf(connection))
        if (first !== undefined) await good.delete(first, { at: connection.createdAt })
        await good.create(connection)
      }),
  })),

  connections('find forgets the tenant', ['connections/find/scopes', 'connections/all/exact-tenant'], (good) => ({
    find: (query) => good.find({ ...query, scope: operatorScope }),
  })),

  connections('list forgets the tenant', ['connections/list/scopes', 'connections/all/exact-tenant'], (good) => ({
    list: (query) => good.list({ ...query, scope: operatorScope }),
  })),

  connections('list compares tenants without case and blanks', ['connections/all/exact-tenant'], (good) => ({
    list: async ({ scope, ...query }) => {
      const page = await good.list({ ...query, scope: operatorScope })
      const plain = (tenantId: string) => tenantId.trim().toLowerCase()
      const isSame = (row: Connection<string>) =>
        scope.kind === 'operator' || plain(row.tenantId) === plain(scope.tenantId)
      return { ...page, items: page.items.filter(isSame) }
    },
  })),

  connections('list takes any account', ['connections/list/external-account'], (good) => ({
    list: ({ filter: { externalAccountId: _account, ...filter }, ...query }) => good.list({ ...query, filter }),
  })),

  connections('list compares accounts without case and blanks', ['connections/list/external-account'], (good) => ({
    list: async ({ filter: { externalAccountId: account, ...filter }, ...query }) => {
      const page = await good.list({ ...query, filter })
      const plain = (text: string | null) => text?.trim().toLowerCase()
      const isSame = (row: Connection<string>) =>
        account === undefined || plain(row.externalAccountId) === plain(account)
      return { ...page, items: page.items.filter(isSame) }
    },
  })),

  connections('list pages by offset', ['connections/list/stable-paging'], (good) => ({
    list: async ({ after, limit, ...query }) => {
      const { items } = await good.list({ ...query, limit: 1_000 })
      const from = Number(after ?? 0)
      const next = from + limit < items.length ? String(from + limit) : null
      return { items: items.slice(from, from + limit), next }
    },
  })),

  connections(
    'update checks the version, then writes whatever is there',
    ['connections/update/one-winner'],
    (good) => ({
      update: async (ref, change) => {
        const row = await good.find({ scope: operatorScope, id: ref.id })
        if (row?.version !== change.expectedVersion) return null
        for (;;) {
          const now = await good.find({ scope: operatorScope, id: ref.id })
          if (now === null) return null
          const written = await good.update(ref, { ...change, expectedVersion: now.version })
          if (written !== null) return written
        }
      },
    }),
  ),

  connections(
    'replaceCredentials checks the version, then writes whatever is there',
    ['connections/replace-credentials/one-winner'],
    (good) => ({
      replaceCredentials: async (ref, change) => {
        const row = await good.find({ scope: operatorScope, id: ref.id })
        if (row?.credentialsVersion !== change.expectedCredentialsVersion) return null
        for (;;) {
          const now = await good.find({ scope: operatorScope, id: ref.id })
          if (now === null) return null
          const expectedCredentialsVersion = now.credentialsVersion
          const written = await good.replaceCredentials(ref, { ...change, expectedCredentialsVersion })
          if (written !== null) return written
        }
      },
    }),
  ),

  connections(
    'replaceCredentials ignores which credentials it replaces',
    ['connections/replace-credentials/stale'],
    (good) => ({
      replaceCredentials: async (ref, change) => {
        const row = await good.find({ scope: operatorScope, id: ref.id })
        return good.replaceCredentials(ref, { ...change, expectedCredentialsVersion: row?.credentialsVersion ?? 0 })
      },
    }),
  ),

  connections('list ignores which end it begins at', ['connections/list/newest-first'], (good) => ({
    list: ({ newestFirst: _, ...query }) => good.list(query),
  })),

  connections(
    'acquireRefreshLease looks for a lease, then takes it whatever happened meanwhile',
    ['connections/refresh-lease/one-winner'],
    (good) => ({
      acquireRefreshLease: async (ref, wanted) => {
        const row = await good.find({ scope: operatorScope, id: ref.id })
        if (row === null || row.refreshLeaseOwner !== null) return null
        const muchLater = new Date(wanted.at.getTime() + 1_000 * wanted.leaseMs)
        await good.acquireRefreshLease(ref, { ...wanted, at: muchLater, leaseMs: -1_000 * wanted.leaseMs })
        return { ...row, refreshLeaseOwner: wanted.owner }
      },
    }),
  ),

  connections(
    'acquireRefreshLease ignores which credentials are to be refreshed',
    ['connections/refresh-lease/stale'],
    (good) => ({
      acquireRefreshLease: async (ref, wanted) => {
        const row = await good.find({ scope: operatorScope, id: ref.id })
        return good.acquireRefreshLease(ref, { ...wanted, expectedCredentialsVersion: row?.credentialsVersion ?? 0 })
      },
    }),
  ),

  connections(
    'acquireRefreshLease takes a lease over the moment it expired',
    ['connections/refresh-lease/takeover'],
    (good) => ({ acquireRefreshLease: (ref, wanted) => good.acquireRefreshLease(ref, { ...wanted, clockSkewMs: 0 }) }),
  ),

  connections('what is paused is due for refresh too', ['connections/due-for-refresh/left-out'], (good) => ({
    dueForRefresh: async ({ at, limit }) => {
      const rows = await good.dueForRefresh({ at, limit })
      const later = await good.dueForRefresh({ at: new Date(at.getTime() + 1), limit })
      return later.filter((row) => row.pausedUntil !== null || rows.some(({ id }) => id === row.id))
    },
  })),

  connections('the newest is refreshed first', ['connections/due-for-refresh/earliest-first'], (good) => ({
    dueForRefresh: async (query) => (await good.dueForRefresh(query)).toReversed(),
  })),

  connections(
    'new credentials leave the old grant lost',
    ['connections/record-auth-failure/reauthorization'],
    (good) => ({
      replaceCredentials: async (ref, change) => {
        const before = await good.find({ scope: operatorScope, id: ref.id })
        const written = await good.replaceCredentials(ref, change)
        return written && { ...written, needsReauthorization: before?.needsReauthorization ?? false }
      },
    }),
  ),

  connections(
    'recordAuthFailure reads, counts and writes back: an increment is lost',
    ['connections/record-auth-failure/none-lost'],
    (good) => {
      const writing = new Set<string>()
      return {
        recordAuthFailure: async (ref, failure) => {
          const before = await good.find({ scope: operatorScope, id: ref.id })
          if (before === null) return null
          if (writing.has(ref.id))
            return { before, after: breaker(before, { type: 'authenticationFailed', ...failure }) }
          writing.add(ref.id)
          return good.recordAuthFailure(ref, failure).finally(() => writing.delete(ref.id))
        },
      }
    },
  ),

  connections(
    'recordAuthFailure ignores which credentials failed',
    ['connections/record-auth-failure/stale-credentials'],
    (good) => ({
      recordAuthFailure: async (ref, failure) => {
        const row = await good.find({ scope: operatorScope, id: ref.id })
        return good.recordAuthFailure(ref, { ...failure, credentialsVersion: row?.credentialsVersion ?? 0 })
      },
    }),
  ),

  connections('markConnected ignores when the call began', ['connections/mark-connected/stale'], (good) => ({
    markConnected: (ref, success) => good.markConnected(ref, { ...success, startedAt: success.at }),
  })),

  connections(
    'disable tells every caller that the connection was enabled before',
    ['connections/disable/one-transition'],
    (good) => ({
      disable: async (ref, change) => {
        const before = await good.find({ scope: operatorScope, id: ref.id })
        const done = await good.disable(ref, change)
        return before === null || done === null ? null : { before, after: done.after }
      },
    }),
  ),

  connections('delete answers what it read before', ['connections/delete/one-winner'], (good) => ({
    delete: async (ref, change) => {
      const row = await good.find({ scope: operatorScope, id: ref.id })
      await good.delete(ref, change)
      return row
    },
  })),

  connections(
    'delete only hides: the secrets stay',
    ['connections/delete/erases', 'connections/delete/frees-slot'],
    (good) => {
      const hidden = new Set<string>()
      return {
        find: async (query) => (hidden.has(query.id) && !query.includeDeleted ? null : good.find(query)),
        delete: async (ref) => {
          const row = await good.find({ scope: operatorScope, id: ref.id })
          hidden.add(ref.id)
          return row
        },
      }
    },
  ),

  connections(
    'update looks whose connection it is after it wrote',
    ['connections/all/foreign-tenant', 'connections/all/exact-tenant'],
    (good) => ({
      update: async (ref, change) => {
        const row = await good.find({ scope: operatorScope, id: ref.id })
        const written = await good.update(row ?? ref, change)
        return written?.tenantId === ref.tenantId ? written : null
      },
    }),
  ),

  connections(
    'a write matches the id alone',
    ['connections/all/foreign-tenant', 'connections/all/exact-tenant'],
    (good) => ({
      disable: async (ref, change) => {
        const row = await good.find({ scope: operatorScope, id: ref.id })
        return row === null ? null : good.disable(row, change)
      },
    }),
  ),
]
