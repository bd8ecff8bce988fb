import type { TenantId } from '../../core/domain/tenant.ts'
import type { OAuthStateRepository } from '../../core/ports/oauth-state-repository.ts'
import { storableText } from '../kit/storable-text.ts'
import type { PrismaSession } from './prisma-session.ts'

/** Authorizations under way in the database. */
export function prismaOAuthStates<T extends TenantId>(session: PrismaSession<T>): OAuthStateRepository<T> {
  return {
    create: (state) =>
      session.run(async ({ oauthState }) => {
        await oauthState.create({ data: storableText(state) })
      }),

    consume: async ({ id, at }) => {
      const row = await session.atomic(async ({ oauthState }) => {
        const found = await oauthState.findFirst({ where: { id } })
        // Of concurrent calls only the one whose statement removes the row has it.
        const { count } = await oauthState.deleteMany({ where: { id } })
        return count === 1 ? found : null
      })
      return row !== null && row.expiresAt > at ? row : null
    },

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
