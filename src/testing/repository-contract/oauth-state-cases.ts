import assert from 'node:assert/strict'
import { isConnectorsError } from '../../core/domain/errors.ts'
import type { OAuthState } from '../../core/domain/oauth-state.ts'
import type { TenantId } from '../../core/domain/tenant.ts'
import { instant } from '../instant.ts'
import { newOAuthState } from '../new-oauth-state.ts'
import { race } from './race.ts'
import { rejectsWith } from './rejects-with.ts'
import type { RepositoryContractCase, RepositoryContractContext } from './repository-contract-case.ts'

async function givenState<T extends TenantId, Tx>(
  { repositories, newTenantId }: RepositoryContractContext<T, Tx>,
  fields: Partial<OAuthState<T>> = {},
): Promise<OAuthState<T>> {
  const state = newOAuthState<T>({ ...fields, tenantId: fields.tenantId ?? (await newTenantId()) })
  await repositories.oauthStates.create(state)
  return state
}

/** Authorizations under way: used once, or never. */
export const oauthStateCases: readonly RepositoryContractCase[] = [
  {
    id: 'oauth-states/consume/round-trip',
    title: 'a state comes out as it was stored, once',
    async run(context) {
      const { oauthStates } = context.repositories
      const state = await givenState(context)
      assert.deepEqual(await oauthStates.consume({ id: state.id, at: instant(1) }), state)
      assert.equal(await oauthStates.consume({ id: state.id, at: instant(1) }), null)
    },
  },
  {
    id: 'oauth-states/consume/one-winner',
    title: 'of 16 concurrent calls exactly one gets the state',
    needs: ['parallel'],
    async run(context) {
      const { id } = await givenState(context)
      const outcomes = await race(16, () => context.repositories.oauthStates.consume({ id, at: instant(1) }))
      assert.equal(outcomes.filter((outcome) => outcome !== null).length, 1)
    },
  },
  {
    id: 'oauth-states/consume/expired',
    title: 'an expired state is not accepted, and gone afterwards',
    async run(context) {
      const { oauthStates } = context.repositories
      const state = await givenState(context, { expiresAt: instant(1_000) })
      assert.equal(await oauthStates.consume({ id: state.id, at: instant(1_000) }), null)
      assert.equal(await oauthStates.consume({ id: state.id, at: instant(0) }), null)
    },
  },
  {
    id: 'oauth-states/create/conflict',
    title: 'a taken id is refused with CONFLICT, and the first state stays',
    async run(context) {
      const { oauthStates } = context.repositories
      const state = await givenState(context)
      await rejectsWith('CONFLICT', () => oauthStates.create({ ...state, contextEncrypted: 'forged' }))
      assert.deepEqual(await oauthStates.consume({ id: state.id, at: instant(1) }), state)
    },
  },
  {
    id: 'oauth-states/create/exact-spelling',
    title: 'a state comes out with the very tenant id that it was created for, or is not created',
    async run(context) {
      const { oauthStates } = context.repositories
      const canonical = await context.newTenantId()
      if (typeof canonical !== 'string') return
      const spelled: string = canonical.toUpperCase()
      const tenantId = spelled as typeof canonical // some kind of string too
      const state = newOAuthState({ tenantId })
      const isCreated = await oauthStates.create(state).then(
        () => true,
        (error: unknown) => {
          assert.ok(isConnectorsError(error), 'a refusal must be an error of ours')
          return false
        },
      )
      assert.deepEqual(await oauthStates.consume({ id: state.id, at: instant(1) }), isCreated ? state : null)
    },
  },
  {
    id: 'oauth-states/list/pages',
    title: 'list answers the states of all tenants, expired ones too, page by page in order of id, each once',
    async run(context) {
      const { oauthStates } = context.repositories
      const given = [await givenState(context), await givenState(context, { expiresAt: instant(1_000) })]
      for (let index = 0; index < 3; index += 1) given.push(await givenState(context))
      const ids = new Set(given.map(({ id }) => id))
      const listed: OAuthState[] = []
      // Others use the same store.
      for (let after: string | null = null; ; ) {
        const page = await oauthStates.list({ after, limit: 2 })
        assert.ok(page.items.length <= 2, 'no more than asked')
        listed.push(...page.items)
        after = page.next
        if (after === null) break
      }
      assert.deepEqual(
        listed.map(({ id }) => id),
        listed.map(({ id }) => id).toSorted(),
      )
      assert.deepEqual(
        listed.filter(({ id }) => ids.has(id)),
        given.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      )
    },
  },
  {
    id: 'oauth-states/prune/expired',
    title: 'prune removes what expired before the instant and leaves the rest',
    async run(context) {
      const { oauthStates } = context.repositories
      // Far in the past, so that the rows of others are not touched.
      const long = instant(-1_000_000_000_000)
      const old = await givenState(context, { expiresAt: new Date(long.getTime() - 1) })
      const young = await givenState(context, { expiresAt: long })
      assert.equal((await oauthStates.prune({ expiredBefore: long, limit: 100 })) >= 1, true)
      assert.equal(await oauthStates.consume({ id: old.id, at: new Date(0) }), null)
      assert.deepEqual(await oauthStates.consume({ id: young.id, at: new Date(long.getTime() - 1) }), young)
    },
  },
  {
    id: 'oauth-states/prune/limit',
    title: 'prune removes at most as many as it was told',
    async run(context) {
      const { oauthStates } = context.repositories
      const long = instant(-1_100_000_000_000)
      for (let index = 0; index < 3; index += 1) await givenState(context, { expiresAt: new Date(long.getTime() - 1) })
      assert.equal(await oauthStates.prune({ expiredBefore: long, limit: 2 }), 2)
    },
  },
]
