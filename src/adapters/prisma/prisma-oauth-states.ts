import { ConnectorsError } from '../../core/domain/errors.ts'
import { isInScope, operatorScope, type TenantId, tenantScope } from '../../core/domain/tenant.ts'
import type { OAuthStateRepository } from '../../core/ports/oauth-state-repository.ts'
import { hasOtherSpelling } from '../kit/has-other-spelling.ts'
import { pageOfRows } from '../kit/page-of-rows.ts'
import { tenantRespelled } from '../kit/refusals.ts'
import { insertRow } from './insert-row.ts'
import { isMissingRow } from './prisma-error.ts'
import type { PrismaSession } from './prisma-session.ts'

/** Authorizations under way in the database. */
export function prismaOAuthStates<T extends TenantId>(session: PrismaSession<T>): OAuthStateRepository<T> {
  /** One `DELETE … RETURNING`. */
  const removeInOne = (id: string) =>
    session.run(({ oauthState }) =>
      oauthState.delete({ where: { id } }).catch((error: unknown) => {
        if (isMissingRow(error)) return null
        throw error
      }),
    )

  const removeInTwo = (id: string) =>
    session.atomic(async ({ oauthState }) => {
      const found = await oauthState.findFirst({ where: { id } })
      if (found === null) return null
      // Of concurrent calls only the one whose statement removes the row has it.
      const { count } = await oauthState.deleteMany({ where: { id } })
      return count === 1 ? found : null
    })

  return {
    create: async (state) => {
      const isInserted = await insertRow(session, (models) => models.oauthState, state)
      if (!isInserted)
        throw new ConnectorsError('CONFLICT', 'There is an authorization under way with this state already.')
      const { id, tenantId } = state
      if (!hasOtherSpelling(tenantId)) return
      // The client doesn't tell the column's type: only what came back from it does.
      await session.run(async ({ oauthState }) => {
        const row = await oauthState.findFirst({ where: { id } })
        if (row === null || isInScope(tenantScope(tenantId), row.tenantId)) return
        await oauthState.deleteMany({ where: { id } })
        throw tenantRespelled(tenantId, row.tenantId)
      })
    },

    consume: async ({ id, at }) => {
      const row = session.dialect.hasReturning ? await removeInOne(id) : await removeInTwo(id)
      return row !== null && row.expiresAt > at ? row : null
    },

    list: ({ after = null, limit }) =>
      session.run(async ({ oauthState }) => {
        const rows = await oauthState.findMany({
          where: after === null ? {} : { id: { gt: after } },
          orderBy: [{ id: 'asc' }],
          take: limit + 1,
        })
        return pageOfRows(rows, { scope: operatorScope, limit }, (row) => row)
      }),

    prune: ({ expiredBefore, limit }) =>
      session.atomic(async ({ oauthState }) => {
        const where = { expiresAt: { lt: expiredBefore } }
        const expired = await oauthState.findMany({ where, orderBy: [{ expiresAt: 'asc' }], take: limit })
        if (expired.length === 0) return 0
        const { count } = await oauthState.deleteMany({ where: { id: { in: expired.map(({ id }) => id) } } })
        return count
      }),
  }
}
