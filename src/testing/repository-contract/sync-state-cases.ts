import assert from 'node:assert/strict'
import type { SyncState } from '../../core/domain/sync-state.ts'
import { operatorScope, type Scope, type TenantId, tenantScope } from '../../core/domain/tenant.ts'
import type { SyncStateFilter } from '../../core/ports/sync-state-repository.ts'
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
      const listed = async (scope: Scope<typeof tenantId>, filter: SyncStateFilter = {}) =>
        (await syncStates.list({ scope, filter, at: instant(1_000), limit: 10 })).items
      assert.deepEqual(await listed(tenantScope(tenantId)), [state, other.state])
      assert.deepEqual(await listed(tenantScope(tenantId), { connectionId }), [state])
      const theirs = foreign.ref.connectionId
      assert.deepEqual(await listed(tenantScope(tenantId), { connectionId: theirs }), [])
      assert.deepEqual(await listed(operatorScope, { connectionId: theirs }), [foreign.state])
    },
  },
  {
    id: 'sync-states/list/filters',
    title: 'resource and status narrow the list; who runs has a lease that lives',
    async run(context) {
      const { syncStates } = context.repositories
      const { ref, state: held } = await givenLease(context)
      const failed = await givenLease(context, { ...ref, resourceType: 'products' })
      const idle = await givenLease(context, { ...ref, resourceType: 'customers' })
      const [at, end] = [instant(1_000), instant(61_000)]
      await syncStates.fail(failed.ref, { fence: failed.state.fence, at, error: 'refused', nextSyncAt: end })
      await syncStates.release(idle.ref, { fence: idle.state.fence, at, status: 'idle' })
      const listed = async (filter: SyncStateFilter, when: Date) =>
        (await syncStates.list({ scope: tenantScope(ref.tenantId), filter, at: when, limit: 10 })).items.map(
          ({ id }) => id,
        )
      assert.deepEqual(await listed({ resourceType: 'products' }, at), [failed.state.id])
      assert.deepEqual(await listed({ resourceType: 'Products' }, at), [])
      assert.deepEqual(await listed({ status: 'failed' }, at), [failed.state.id])
      assert.deepEqual(await listed({ status: 'running' }, at), [held.id])
      assert.deepEqual(await listed({ status: 'idle' }, at), [idle.state.id])
      assert.deepEqual(await listed({ status: 'running' }, end), [])
      assert.deepEqual(await listed({ status: 'idle' }, end), [held.id, idle.state.id])
      assert.deepEqual(await listed({ status: 'completed' }, at), [])
    },
  },
  {
    id: 'sync-states/interrupt/holder-stopped',
    title: 'an interrupted holder writes nothing more, and what was committed stays',
    async run(context) {
      const { syncStates } = context.repositories
      const { ref, state } = await givenLease(context)
      await advance(context, state, '"here"')
      const stopped = await syncStates.interrupt(ref, { at: instant(2_000), forget: false })
      assert.deepEqual([stopped?.status, stopped?.cursor, stopped?.leaseOwner], ['idle', '"here"', null])
      await rejectsWith('LEASE_LOST', () => advance(context, { ...state, revision: state.revision + 1 }, '"there"'))
      const { fence } = state
      await rejectsWith('LEASE_LOST', () => syncStates.renew(ref, { fence, at: instant(3_000), leaseMs: 60_000 }))
      const next = await syncStates.acquire(ref, { ...lease(), owner: 'second', at: instant(3_000) })
      assert.equal(next?.cursor, '"here"')
      await rejectsWith('LEASE_LOST', () => syncStates.renew(ref, { fence, at: instant(4_000), leaseMs: 60_000 }))
    },
  },
  {
    id: 'sync-states/interrupt/forget',
    title: 'a forgotten state begins anew, with its schedule, held by nobody; another tenant can do nothing to it',
    async run(context) {
      const { syncStates } = context.repositories
      const { ref, state } = await givenLease(context)
      await syncStates.schedule(ref, { id: state.id, at: instant(500), schedule: '{}', dueAt: instant(9_000) })
      await advance(context, state, '"here"')
      const at = instant(2_000)
      const foreign = { ...ref, tenantId: await context.newTenantId() }
      assert.equal(await syncStates.interrupt(foreign, { at, forget: true }), null)
      const { fence } = state
      await syncStates.fail(ref, { fence, at, error: 'refused', nextSyncAt: instant(90_000) })
      assert.equal(await syncStates.interrupt(ref, { at, forget: false }), null)
      const begun = await syncStates.interrupt(ref, { at, forget: true })
      assert.deepEqual(
        [
          begun?.cursor,
          begun?.trail,
          begun?.mode,
          begun?.status,
          begun?.errorCount,
          begun?.lastError,
          begun?.nextSyncAt,
        ],
        [null, null, 'incremental', 'idle', 0, null, null],
      )
      assert.deepEqual([begun?.schedule, begun?.dueAt, begun?.itemsSynced], ['{}', instant(9_000), 10])
      assert.deepEqual(await syncStates.find({ scope: operatorScope, ...ref }), begun)
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
        (request) =>
          context.repositories.syncStates.list({
            scope: tenantScope(ref.tenantId),
            filter: {},
            at: instant(1_000),
            ...request,
          }),
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
          assert.deepEqual(
            (await syncStates.list({ scope, filter: { connectionId }, at: instant(1_000), limit: 10 })).items,
            [],
          )
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
