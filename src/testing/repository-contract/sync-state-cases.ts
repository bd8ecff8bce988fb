import assert from 'node:assert/strict'
import type { SyncState } from '../../core/domain/sync-state.ts'
import { operatorScope, type TenantId, tenantScope } from '../../core/domain/tenant.ts'
import { instant } from '../instant.ts'
import { givenLease, lease } from './given-lease.ts'
import { race } from './race.ts'
import { rejectsWith } from './rejects-with.ts'
import type { RepositoryContractCase, RepositoryContractContext } from './repository-contract-case.ts'
import { walkPages } from './walk-pages.ts'

/** A cursor goes in and comes out of a page commit exactly as it is. */
function cursorCase(name: string, title: string, cursor: string | null): RepositoryContractCase {
  return {
    id: `sync-states/commit/cursor-${name}`,
    title,
    async run(context) {
      const { ref, state } = await givenLease(context)
      await advance(context, state, '"before"')
      await advance(context, { ...state, revision: state.revision + 1 }, cursor)
      const found = await context.repositories.syncStates.find({ scope: operatorScope, ...ref })
      assert.equal(found?.cursor, cursor)
    },
  }
}

function advance<T extends TenantId, Tx>(
  context: RepositoryContractContext<T, Tx>,
  state: SyncState<T>,
  cursor: string | null,
): Promise<void> {
  const { fence, revision } = state
  const progress = { fence, revision, at: instant(1_000), cursor, trail: cursor, itemCount: 10, complete: false }
  return context.repositories.syncStates.commit(state, progress)
}

/** Reading sync states and moving their cursor. */
export const syncStateCases: readonly RepositoryContractCase[] = [
  {
    id: 'sync-states/find/scopes',
    title: 'a state is found by its tenant and by an operator, and by nobody else',
    async run(context) {
      const { syncStates } = context.repositories
      const { ref, state } = await givenLease(context)
      const { tenantId, ...names } = ref
      assert.deepEqual(await syncStates.find({ scope: tenantScope(tenantId), ...names }), state)
      assert.deepEqual(await syncStates.find({ scope: operatorScope, ...names }), state)
      assert.equal(await syncStates.find({ scope: tenantScope(await context.newTenantId()), ...names }), null)
      assert.equal(await syncStates.find({ scope: operatorScope, ...names, resourceType: 'products' }), null)
    },
  },
  {
    id: 'sync-states/list/scopes',
    title: 'a tenant lists its own states, of all its connections or of one; an operator those of anyone',
    async run(context) {
      const { syncStates } = context.repositories
      const { ref, state } = await givenLease(context)
      const { tenantId, connectionId } = ref
      const other = await givenLease(context, { tenantId })
      const foreign = await givenLease(context)
      const listed = async (query: Parameters<typeof syncStates.list>[0]) => (await syncStates.list(query)).items
      assert.deepEqual(await listed({ scope: tenantScope(tenantId), limit: 10 }), [state, other.state])
      assert.deepEqual(await listed({ scope: tenantScope(tenantId), connectionId, limit: 10 }), [state])
      const theirs = foreign.ref.connectionId
      assert.deepEqual(await listed({ scope: tenantScope(tenantId), connectionId: theirs, limit: 10 }), [])
      assert.deepEqual(await listed({ scope: operatorScope, connectionId: theirs, limit: 10 }), [foreign.state])
    },
  },
  {
    id: 'sync-states/list/paging',
    title: 'pages follow the id in ascending order',
    async run(context) {
      const { ref, state } = await givenLease(context)
      const ids = [state.id]
      for (const resourceType of ['products', 'customers', 'refunds', 'invoices']) {
        ids.push((await givenLease(context, { ...ref, resourceType })).state.id)
      }
      const pages = await walkPages(
        (request) => context.repositories.syncStates.list({ scope: tenantScope(ref.tenantId), ...request }),
        2,
      )
      assert.deepEqual(pages, [ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)])
    },
  },
  {
    id: 'sync-states/all/exact-tenant',
    title: 'tenant ids that look alike do not see, take or change the states of each other',
    needs: ['exactTenants'],
    async run(context) {
      const { syncStates } = context.repositories
      const held = []
      for (const tenantId of context.exactTenants) held.push(await givenLease(context, { tenantId }))
      for (const mine of held) {
        for (const theirs of held.filter((other) => other !== mine)) {
          const { connectionId } = theirs.ref
          const scope = tenantScope(mine.ref.tenantId)
          assert.equal(await syncStates.find({ scope, ...theirs.ref }), null)
          assert.deepEqual((await syncStates.list({ scope, connectionId, limit: 10 })).items, [])
          const ref = { ...theirs.ref, tenantId: mine.ref.tenantId }
          const { fence, revision } = theirs.state
          const at = instant(1_000_000)
          const page = { fence, revision, at, cursor: '"foreign"', trail: null, itemCount: 1, complete: true }
          assert.equal(await syncStates.acquire(ref, { ...lease(), at }), null)
          await rejectsWith('LEASE_LOST', () => syncStates.renew(ref, { fence, at, leaseMs: 1 }))
          await rejectsWith('LEASE_LOST', () => syncStates.commit(ref, page))
          await rejectsWith('LEASE_LOST', () => syncStates.fail(ref, { fence, at, error: 'foreign', nextSyncAt: at }))
          await syncStates.release(ref, { fence, at, status: 'idle' })
        }
      }
      for (const { ref, state } of held)
        assert.deepEqual(await syncStates.find({ scope: operatorScope, ...ref }), state)
    },
  },
  {
    id: 'sync-states/commit/moves',
    title: 'a committed page moves cursor and trail, raises the revision by one and keeps the lease',
    async run(context) {
      const { syncStates } = context.repositories
      const { ref, state } = await givenLease(context)
      await advance(context, state, '{"page":2}')
      const moved = {
        ...state,
        cursor: '{"page":2}',
        trail: '{"page":2}',
        revision: state.revision + 1,
        itemsSynced: 10,
        updatedAt: instant(1_000),
      }
      assert.deepEqual(await syncStates.find({ scope: operatorScope, ...ref }), moved)
      await advance(context, moved, '{"page":3}')
      const again = await syncStates.find({ scope: operatorScope, ...ref })
      assert.equal(again?.itemsSynced, 20)
      assert.equal(again?.revision, state.revision + 2)
    },
  },
  {
    id: 'sync-states/commit/exact-count',
    title: 'the count of items goes on beyond 32 bits',
    async run(context) {
      const { syncStates } = context.repositories
      const { ref, state } = await givenLease(context)
      const itemCount = 2_147_483_647
      for (const step of [0, 1, 2]) {
        const { fence, revision } = state
        const progress = {
          fence,
          revision: revision + step,
          at: instant(1_000),
          cursor: null,
          trail: null,
          complete: false,
        }
        await syncStates.commit(ref, { ...progress, itemCount })
      }
      assert.equal((await syncStates.find({ scope: operatorScope, ...ref }))?.itemsSynced, 3 * itemCount)
    },
  },
  {
    id: 'sync-states/commit/complete',
    title: 'complete ends the pass: completed, incremental, no trail, no errors, lease given back',
    async run(context) {
      const { syncStates } = context.repositories
      const first = await givenLease(context)
      const failure = { fence: first.state.fence, at: instant(1), error: 'boom', nextSyncAt: instant(2) }
      await syncStates.fail(first.ref, failure)
      const state = await syncStates.acquire(first.ref, { ...lease(), at: instant(2), begin: 'full' })
      assert.ok(state)
      const { fence, revision } = state
      const progress = {
        fence,
        revision,
        at: instant(3),
        cursor: '"end"',
        trail: '"been here"',
        itemCount: 4,
        complete: true,
      }
      await syncStates.commit(first.ref, progress)
      const found = await syncStates.find({ scope: operatorScope, ...first.ref })
      assert.deepEqual(found, {
        ...state,
        nextSyncAt: null,
        cursor: '"end"',
        status: 'completed',
        lastSyncAt: instant(3),
        mode: 'incremental',
        errorCount: 0,
        lastError: null,
        itemsSynced: 4,
        revision: revision + 1,
        leaseOwner: null,
        leaseExpiresAt: null,
        updatedAt: instant(3),
      })
    },
  },
  {
    id: 'sync-states/commit/stale-revision',
    title: 'a commit from another revision than the row has throws LEASE_LOST and writes nothing',
    async run(context) {
      const { ref, state } = await givenLease(context)
      for (const revision of [state.revision - 1, state.revision + 1]) {
        await rejectsWith('LEASE_LOST', () => advance(context, { ...state, revision }, '"stale"'))
      }
      assert.deepEqual(await context.repositories.syncStates.find({ scope: operatorScope, ...ref }), state)
    },
  },
  {
    id: 'sync-states/commit/one-winner',
    title: 'of 16 concurrent commits of one revision exactly one is written',
    needs: ['parallel'],
    async run(context) {
      const { ref, state } = await givenLease(context)
      const outcomes = await race(16, (index) =>
        advance(context, state, `"page-${index}"`).then(
          () => `"page-${index}"`,
          (error: { readonly code?: unknown }) => {
            assert.equal(error.code, 'LEASE_LOST')
            return null
          },
        ),
      )
      const winners = outcomes.filter((outcome) => outcome !== null)
      assert.equal(winners.length, 1)
      const found = await context.repositories.syncStates.find({ scope: operatorScope, ...ref })
      assert.equal(found?.cursor, winners[0])
      assert.equal(found?.revision, state.revision + 1)
      assert.equal(found?.itemsSynced, 10)
    },
  },
  cursorCase('null', 'the cursor null is legal and comes back as null', null),
  cursorCase('null-text', 'the cursor text "null" comes back as text, not as null', 'null'),
  cursorCase('empty-text', 'the cursor "" (the JSON text of an empty string) comes back as it is', '""'),
  cursorCase('zero', 'the cursor 0 (JSON text) comes back as text', '0'),
  cursorCase('long', 'a cursor of 100 kB comes back whole', JSON.stringify('x'.repeat(100_000))),
  cursorCase(
    'emoji',
    'a cursor with any text comes back as it is',
    '{"next":"später 🧾 \\u0000 \\"quoted\\" \\\\ 中文"}',
  ),
  cursorCase(
    'layout',
    'white space, key order and big numbers of a cursor stay',
    '{ "b": 1,\n "a": 12345678901234567890.50 }',
  ),
]
