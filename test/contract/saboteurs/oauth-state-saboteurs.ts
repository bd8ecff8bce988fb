import type { OAuthState } from '../../../src/core/domain/oauth-state.ts'
import type { OAuthStateRepository } from '../../../src/core/ports/oauth-state-repository.ts'
import { instant } from '../../../src/testing/instant.ts'
import type { Saboteur } from './saboteur.ts'

function oauthStates(
  mistake: string,
  caughtBy: readonly string[],
  bad: (good: OAuthStateRepository<string>) => Partial<OAuthStateRepository<string>>,
): Saboteur {
  return {
    mistake,
    caughtBy,
    sabotage: (good) => ({ ...good, oauthStates: { ...good.oauthStates, ...bad(good.oauthStates) } }),
  }
}

export const oauthStateSaboteurs: readonly Saboteur[] = [
  oauthStates(
    'consume reads the state, then removes it: two may have read it',
    ['oauth-states/consume/one-winner'],
    (good) => {
      const states = new Map<string, OAuthState<string>>()
      return {
        create: async (state) => {
          await good.create(state)
          states.set(state.id, state)
        },
        consume: async ({ id, at }) => {
          const state = states.get(id) ?? null
          await good.consume({ id, at })
          states.delete(id)
          return state
        },
      }
    },
  ),

  oauthStates('tenant ids of states are kept in lower case', ['oauth-states/create/exact-spelling'], (good) => ({
    create: (state) => good.create({ ...state, tenantId: state.tenantId.toLowerCase() }),
  })),

  oauthStates('consume takes expired states too', ['oauth-states/consume/expired'], (good) => ({
    consume: ({ id }) => good.consume({ id, at: new Date(0) }),
  })),

  oauthStates('list leaves the expired out', ['oauth-states/list/pages'], (good) => ({
    list: async (request) => {
      const { items, next } = await good.list(request)
      return { items: items.filter(({ expiresAt }) => expiresAt > instant(1_000)), next }
    },
  })),

  oauthStates('list knows one page only', ['oauth-states/list/pages'], (good) => ({
    list: async (request) => ({ ...(await good.list(request)), next: null }),
  })),
]
