import { ConnectorsError } from '../../core/domain/errors.ts'
import type { TenantId } from '../../core/domain/tenant.ts'
import type { OAuthStateRepository } from '../../core/ports/oauth-state-repository.ts'
import { copyRecord } from './copy-record.ts'
import type { RunStep } from './memory-state.ts'
import { pageOf } from './page-of.ts'

/** Authorizations under way in memory. */
export function memoryOAuthStates<T extends TenantId>(run: RunStep<T>): OAuthStateRepository<T> {
  return {
    create: (oauthState) =>
      run((state) => {
        if (state.oauthStates.get(oauthState.id) !== undefined) {
          throw new ConnectorsError('CONFLICT', 'There is an authorization with this state already.')
        }
        state.oauthStates.set(oauthState.id, copyRecord(oauthState))
      }),

    consume: ({ id, at }) =>
      run((state) => {
        const row = state.oauthStates.get(id)
        if (row === undefined) return null
        state.oauthStates.delete(id)
        return row.expiresAt > at ? copyRecord(row) : null
      }),

    list: (request) =>
      run((state) =>
        pageOf(
          Array.from(state.oauthStates.entries(), ([, row]) => row),
          request,
          'ascending',
        ),
      ),

    prune: ({ expiredBefore, limit }) =>
      run((state) => {
        const expired = Array.from(state.oauthStates.entries(), ([, row]) => row)
          .filter((row) => row.expiresAt < expiredBefore)
          .slice(0, limit)
        for (const { id } of expired) state.oauthStates.delete(id)
        return expired.length
      }),
  }
}
