import { asc, gt, inArray, lt } from 'drizzle-orm'
import { ConnectorsError } from '../../core/domain/errors.ts'
import { isInScope, operatorScope, type TenantId, tenantScope } from '../../core/domain/tenant.ts'
import type { OAuthStateRepository } from '../../core/ports/oauth-state-repository.ts'
import { pageOfRows } from '../kit/page-of-rows.ts'
import { tenantRespelled } from '../kit/refusals.ts'
import type { DrizzleSession } from './drizzle-session.ts'
import { equalTo } from './equal-to.ts'

/** Authorizations under way in the database. */
export function drizzleOAuthStates<T extends TenantId>(session: DrizzleSession<T>): OAuthStateRepository<T> {
  const table = session.tables.oauthState
  return {
    create: async (state) => {
      const [row] = await session.run((db) => db.insert(table).values(state).onConflictDoNothing().returning())
      if (row === undefined) throw new ConnectorsError('CONFLICT', 'There is an authorization with this state already.')
      const { id, tenantId } = state
      if (isInScope(tenantScope(tenantId), row.tenantId)) return
      await session.run((db) => db.delete(table).where(equalTo(table, { id })).returning())
      throw tenantRespelled(tenantId, row.tenantId)
    },

    consume: ({ id, at }) =>
      session.run(async (db) => {
        const [row] = await db.delete(table).where(equalTo(table, { id })).returning()
        return row !== undefined && row.expiresAt > at ? row : null
      }),

    list: ({ after = null, limit }) =>
      session.run(async (db) => {
        const rows = await db
          .select()
          .from(table)
          .where(after === null ? undefined : gt(table.id, after))
          .orderBy(asc(table.id))
          .limit(limit + 1)
        return pageOfRows(rows, { scope: operatorScope, limit }, (row) => row)
      }),

    prune: ({ expiredBefore, limit }) =>
      session.run(async (db) => {
        const expired = await db
          .select()
          .from(table)
          .where(lt(table.expiresAt, expiredBefore))
          .orderBy(asc(table.expiresAt))
          .limit(limit)
        if (expired.length === 0) return 0
        const ids = expired.map(({ id }) => id)
        // Of concurrent calls only the one whose statement removes a row counts it.
        return (await db.delete(table).where(inArray(table.id, ids)).returning()).length
      }),
  }
}
