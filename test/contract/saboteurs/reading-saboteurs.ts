import { ConnectorsError } from '../../../src/core/domain/errors.ts'
import type { Page, PageRequest } from '../../../src/core/domain/page.ts'
import { operatorScope } from '../../../src/core/domain/tenant.ts'
import type { Saboteur } from './saboteur.ts'

/** Pages by counting rows from the start. */
function byOffset<Query extends PageRequest, Row>(list: (query: Query) => Promise<Page<Row>>) {
  return async ({ after, limit, ...query }: Query): Promise<Page<Row>> => {
    const { items } = await list({ ...query, limit: 1_000 } as unknown as Query) // a request from the beginning
    const from = Number(after ?? 0)
    return { items: items.slice(from, from + limit), next: from + limit < items.length ? String(from + limit) : null }
  }
}

/** Answers the same object whenever the same row is asked for, and stores the one it was given. */
function cached<Row extends { readonly id: string }>() {
  const rows = new Map<string, Row>()
  const keep = (row: Row): Row => {
    const known = rows.get(row.id) ?? row
    rows.set(row.id, known)
    return known
  }
  return { keep, keepFound: (row: Row | null) => (row === null ? null : keep(row)) }
}

export const readingSaboteurs: readonly Saboteur[] = [
  {
    mistake: 'deliveries are paged by offset',
    caughtBy: ['webhook-events/list/stable-paging'],
    sabotage: (good) => ({
      ...good,
      webhookEvents: { ...good.webhookEvents, list: byOffset(good.webhookEvents.list) },
    }),
  },
  {
    mistake: 'the audit trail is paged by offset',
    caughtBy: ['execution-logs/list/stable-paging'],
    sabotage: (good) => ({
      ...good,
      executionLogs: { ...good.executionLogs, list: byOffset(good.executionLogs.list) },
    }),
  },
  {
    mistake: 'a full page always names a next one',
    caughtBy: ['connections/list/last-page'],
    sabotage: (good) => ({
      ...good,
      connections: {
        ...good.connections,
        list: async (query) => {
          const page = await good.connections.list(query)
          return page.items.length < query.limit ? page : { ...page, next: page.items.at(-1)?.id ?? null }
        },
      },
    }),
  },
  {
    mistake: 'connections come out of a cache of objects',
    caughtBy: ['connections/all/copies'],
    sabotage: (good) => {
      const { keepFound } = cached()
      const find: typeof good.connections.find = async (query) =>
        keepFound(await good.connections.find(query)) as Awaited<ReturnType<typeof good.connections.find>> // the same row
      return { ...good, connections: { ...good.connections, find } }
    },
  },
  {
    mistake: 'deliveries come out of a cache of objects',
    caughtBy: ['webhook-events/all/copies'],
    sabotage: (good) => {
      const { keepFound } = cached()
      const find: typeof good.webhookEvents.find = async (query) =>
        keepFound(await good.webhookEvents.find(query)) as Awaited<ReturnType<typeof good.webhookEvents.find>> // the same row
      return { ...good, webhookEvents: { ...good.webhookEvents, find } }
    },
  },
  {
    mistake: 'deleted connections are found',
    caughtBy: ['connections/delete/hidden'],
    sabotage: (good) => ({
      ...good,
      connections: {
        ...good.connections,
        find: (query) => good.connections.find({ ...query, includeDeleted: true }),
      },
    }),
  },
  {
    mistake: 'a connection that is not there is an error',
    caughtBy: ['connections/all/missing'],
    sabotage: (good) => ({
      ...good,
      connections: {
        ...good.connections,
        enable: async (ref, change) => {
          const done = await good.connections.enable(ref, change)
          if (done === null) throw new ConnectorsError('CONNECTION_NOT_FOUND', 'no such row')
          return done
        },
      },
    }),
  },
  {
    mistake: 'update ignores which version it changes',
    caughtBy: ['connections/update/compare-and-set'],
    sabotage: (good) => ({
      ...good,
      connections: {
        ...good.connections,
        update: async (ref, change) => {
          const row = await good.connections.find({ scope: operatorScope, id: ref.id })
          return good.connections.update(ref, { ...change, expectedVersion: row?.version ?? 0 })
        },
      },
    }),
  },
  {
    mistake: 'an INSERT without rows is sent',
    caughtBy: ['execution-logs/append-many/none'],
    sabotage: (good) => ({
      ...good,
      executionLogs: {
        ...good.executionLogs,
        appendMany: async (rows) => {
          if (rows.length === 0) throw new ConnectorsError('STORE_FAILED', 'syntax error at end of input')
          await good.executionLogs.appendMany(rows)
        },
      },
    }),
  },
  {
    mistake: 'an authorization overwrites another one',
    caughtBy: ['oauth-states/create/conflict'],
    sabotage: (good) => ({
      ...good,
      oauthStates: {
        ...good.oauthStates,
        create: async (state) => {
          await good.oauthStates.consume({ id: state.id, at: state.createdAt })
          await good.oauthStates.create(state)
        },
      },
    }),
  },
  {
    mistake: 'prune knows no limit',
    caughtBy: ['oauth-states/prune/limit'],
    sabotage: (good) => ({
      ...good,
      oauthStates: {
        ...good.oauthStates,
        prune: (query) => good.oauthStates.prune({ ...query, limit: 1_000_000 }),
      },
    }),
  },
  {
    mistake: 'a search looks at everything',
    caughtBy: ['execution-logs/list/newest'],
    sabotage: (good) => ({
      ...good,
      executionLogs: {
        ...good.executionLogs,
        list: ({ filter: { newest: _newest, ...filter }, ...query }) => good.executionLogs.list({ ...query, filter }),
      },
    }),
  },
  {
    mistake: 'the name of a connection is not searched',
    caughtBy: ['connections/list/text'],
    sabotage: (good) => ({
      ...good,
      connections: {
        ...good.connections,
        list: ({ filter: { text: _text, ...filter }, ...query }) => good.connections.list({ ...query, filter }),
      },
    }),
  },
  {
    mistake: 'forged deliveries are listed among the others',
    caughtBy: ['webhook-events/list/key-and-signature'],
    sabotage: (good) => ({
      ...good,
      webhookEvents: {
        ...good.webhookEvents,
        list: ({ filter: { signatureValid: _valid, ...filter }, ...query }) =>
          good.webhookEvents.list({ ...query, filter }),
      },
    }),
  },
]
