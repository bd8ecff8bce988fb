import assert from 'node:assert/strict'
import { operatorScope, type TenantId } from '../../core/domain/tenant.ts'
import type { SyncStateRef, SyncStateRepository } from '../../core/ports/sync-state-repository.ts'
import { instant } from '../instant.ts'
import { givenLease, givenSyncRef, lease } from './given-lease.ts'
import { race } from './race.ts'
import { rejectsWith } from './rejects-with.ts'
import type { RepositoryContractCase } from './repository-contract-case.ts'

const minute = 60_000
const skew = 10_000

/** Asserts that no write with this fence goes through. */
async function refusesAll<T extends TenantId>(
  syncStates: SyncStateRepository<T>,
  ref: SyncStateRef<T>,
  { fence, revision }: { readonly fence: number; readonly revision: number },
): Promise<void> {
  const at = instant(2 * minute)
  const progress = { fence, revision, at, cursor: '"stale"', trail: null, itemCount: 1, complete: false }
  await rejectsWith('LEASE_LOST', () => syncStates.renew(ref, { fence, at, leaseMs: minute }))
  await rejectsWith('LEASE_LOST', () => syncStates.commit(ref, progress))
  await rejectsWith('LEASE_LOST', () => syncStates.commit(ref, { ...progress, complete: true }))
  await rejectsWith('LEASE_LOST', () => syncStates.fail(ref, { fence, at, error: 'stale', nextSyncAt: at }))
  await syncStates.release(ref, { fence, at, status: 'idle' })
}

/** Taking, keeping, losing and giving back the lease of a sync state. */
export const leaseCases: readonly RepositoryContractCase[] = [
  {
    id: 'sync-states/acquire/creates',
    title: 'the first acquire creates the row, running, from the beginning, without history',
    async run(context) {
      const ref = await givenSyncRef(context)
      const wanted = lease()
      const state = await context.repositories.syncStates.acquire(ref, wanted)
      assert.deepEqual(state, {
        id: wanted.id,
        ...ref,
        cursor: null,
        status: 'running',
        lastSyncAt: null,
        nextSyncAt: null,
        schedule: null,
        dueAt: null,
        errorCount: 0,
        lastError: null,
        mode: 'incremental',
        generation: 0,
        generationStartedAt: null,
        fullRequestedAt: null,
        trail: null,
        itemsSynced: 0,
        revision: 0,
        leaseOwner: 'first',
        leaseExpiresAt: instant(minute),
        fence: 1,
        createdAt: instant(0),
        updatedAt: instant(0),
      })
      assert.deepEqual(await context.repositories.syncStates.find({ scope: operatorScope, ...ref }), state)
    },
  },
  {
    id: 'sync-states/acquire/one-winner-new',
    title: 'of 16 concurrent calls on a state that does not exist yet exactly one gets the lease',
    needs: ['parallel'],
    async run(context) {
      const ref = await givenSyncRef(context)
      const { syncStates } = context.repositories
      const outcomes = await race(16, (index) => syncStates.acquire(ref, { ...lease(), owner: `worker ${index}` }))
      const holders = outcomes.filter((outcome) => outcome !== null)
      assert.equal(holders.length, 1)
      assert.deepEqual(await syncStates.find({ scope: operatorScope, ...ref }), holders[0])
      assert.equal(
        (
          await syncStates.list({
            scope: operatorScope,
            filter: { connectionId: ref.connectionId },
            at: instant(0),
            limit: 10,
          })
        ).items.length,
        1,
      )
    },
  },
  {
    id: 'sync-states/acquire/one-winner-existing',
    title: 'of 16 concurrent calls on a free state exactly one gets the lease, under a new fence',
    needs: ['parallel'],
    async run(context) {
      const { syncStates } = context.repositories
      const { ref, state } = await givenLease(context)
      await syncStates.release(ref, { fence: state.fence, at: instant(1), status: 'idle' })
      const outcomes = await race(16, (index) => syncStates.acquire(ref, { ...lease(), owner: `worker ${index}` }))
      const holders = outcomes.filter((outcome) => outcome !== null)
      assert.equal(holders.length, 1)
      assert.equal(holders[0]?.fence, state.fence + 1)
      assert.deepEqual(await syncStates.find({ scope: operatorScope, ...ref }), holders[0])
    },
  },
  {
    id: 'sync-states/acquire/one-winner-expired',
    title: 'of 16 concurrent calls on an expired lease exactly one takes it over',
    needs: ['parallel'],
    async run(context) {
      const { syncStates } = context.repositories
      const { ref } = await givenLease(context)
      const at = instant(minute + skew + 1)
      const outcomes = await race(16, (index) => syncStates.acquire(ref, { ...lease(), at, owner: `worker ${index}` }))
      assert.equal(outcomes.filter((outcome) => outcome !== null).length, 1)
    },
  },
  {
    id: 'sync-states/acquire/takeover',
    title: 'a lease may be taken over only clockSkewMs after it expired; until then the row stays as it is',
    async run(context) {
      const { syncStates } = context.repositories
      const { ref, state } = await givenLease(context)
      for (const offset of [0, minute - 1, minute + 1, minute + skew - 1]) {
        assert.equal(await syncStates.acquire(ref, { ...lease(), at: instant(offset) }), null)
        const impatient = { ...lease(), at: instant(offset), begin: 'full' } as const
        assert.equal(await syncStates.acquire(ref, impatient), null)
      }
      assert.deepEqual(await syncStates.find({ scope: operatorScope, ...ref }), state)
      const at = instant(minute + skew + 1)
      const taken = await syncStates.acquire(ref, { ...lease(), at, owner: 'second' })
      const leaseExpiresAt = instant(2 * minute + skew + 1)
      const fence = state.fence + 1
      assert.deepEqual(taken, { ...state, leaseOwner: 'second', leaseExpiresAt, fence, updatedAt: at })
    },
  },
  {
    id: 'sync-states/acquire/full',
    title: 'begin full starts a new generation from the beginning; resume goes on in it',
    async run(context) {
      const { syncStates } = context.repositories
      const { ref, state } = await givenLease(context)
      const page = { at: instant(1), cursor: '"page-2"', trail: '"been here"', itemCount: 1, complete: false }
      await syncStates.commit(ref, { fence: state.fence, revision: state.revision, ...page })
      await syncStates.release(ref, { fence: state.fence, at: instant(2), status: 'idle' })
      const full = await syncStates.acquire(ref, { ...lease(), at: instant(3), begin: 'full' })
      assert.equal(full?.mode, 'full')
      assert.equal(full?.cursor, null)
      assert.equal(full?.trail, null)
      assert.equal(full?.generation, state.generation + 1)
      assert.deepEqual(full?.generationStartedAt, instant(3))
      assert.deepEqual(await syncStates.find({ scope: operatorScope, ...ref }), full)
      assert.ok(full)
      await syncStates.commit(ref, { fence: full.fence, revision: full.revision, ...page, cursor: '"full-2"' })
      await syncStates.release(ref, { fence: full.fence, at: instant(4), status: 'idle' })
      const resumed = await syncStates.acquire(ref, { ...lease(), at: instant(5) })
      assert.equal(resumed?.mode, 'full')
      assert.equal(resumed?.cursor, '"full-2"')
      assert.equal(resumed?.trail, '"been here"')
      assert.equal(resumed?.generation, full.generation)
      assert.deepEqual(resumed?.generationStartedAt, instant(3))
    },
  },
  {
    id: 'sync-states/acquire/full-new',
    title: 'begin full on a state that does not exist yet starts the first generation',
    async run(context) {
      const ref = await givenSyncRef(context)
      const state = await context.repositories.syncStates.acquire(ref, { ...lease(), begin: 'full' })
      assert.equal(state?.mode, 'full')
      assert.equal(state?.generation, 1)
      assert.deepEqual(state?.generationStartedAt, instant(0))
    },
  },
  {
    id: 'sync-states/all/foreign-tenant',
    title: 'a verb that names the wrong tenant changes nothing',
    async run(context) {
      const { syncStates } = context.repositories
      const { ref, state } = await givenLease(context)
      const foreign = { ...ref, tenantId: await context.newTenantId() }
      await refusesAll(syncStates, foreign, state)
      const late = { ...lease(), at: instant(10 * minute) }
      assert.equal(await syncStates.acquire(foreign, late), null)
      assert.deepEqual(await syncStates.find({ scope: operatorScope, ...ref }), state)
    },
  },
  {
    id: 'sync-states/all/missing',
    title: 'a write on a state that does not exist throws LEASE_LOST and creates nothing',
    async run(context) {
      const { syncStates } = context.repositories
      const ref = await givenSyncRef(context)
      await refusesAll(syncStates, ref, { fence: 0, revision: 0 })
      assert.equal(await syncStates.find({ scope: operatorScope, ...ref }), null)
    },
  },
  {
    id: 'sync-states/all/stale-fence',
    title: 'after a takeover renew, commit and fail of the old holder throw LEASE_LOST, its release does nothing',
    async run(context) {
      const { syncStates } = context.repositories
      const { ref, state } = await givenLease(context)
      const taken = await syncStates.acquire(ref, { ...lease(), at: instant(minute + skew + 1), owner: 'second' })
      assert.ok(taken)
      await refusesAll(syncStates, ref, state)
      await refusesAll(syncStates, ref, { ...state, fence: taken.fence + 1 })
      assert.deepEqual(await syncStates.find({ scope: operatorScope, ...ref }), taken)
    },
  },
  {
    id: 'sync-states/all/lease-given-back',
    title: 'whoever gave the lease back, by release, fail or completion, writes nothing more with it',
    async run(context) {
      const { syncStates } = context.repositories
      const at = instant(1)
      const ends: ((ref: SyncStateRef<never>, fence: number) => Promise<void>)[] = [
        (ref, fence) => syncStates.release(ref, { fence, at, status: 'idle' }),
        (ref, fence) => syncStates.fail(ref, { fence, at, error: 'boom', nextSyncAt: at }),
        (ref, fence) =>
          syncStates.commit(ref, {
            fence,
            revision: 0,
            at,
            cursor: '"end"',
            trail: null,
            itemCount: 1,
            complete: true,
          }),
      ]
      for (const end of ends) {
        const { ref, state } = await givenLease(context)
        await end(ref as SyncStateRef<never>, state.fence) // the list can't name T
        const before = await syncStates.find({ scope: operatorScope, ...ref })
        assert.ok(before)
        await refusesAll(syncStates, ref, { fence: state.fence, revision: before.revision })
        assert.deepEqual(await syncStates.find({ scope: operatorScope, ...ref }), before)
      }
    },
  },
  {
    id: 'sync-states/renew/extends',
    title: 'renew moves the end of the lease and nothing else; the holder keeps its fence, even when it is late',
    async run(context) {
      const { syncStates } = context.repositories
      const { ref, state } = await givenLease(context)
      await syncStates.renew(ref, { fence: state.fence, at: instant(30_000), leaseMs: minute })
      const renewed = await syncStates.find({ scope: operatorScope, ...ref })
      assert.deepEqual({ ...renewed, updatedAt: null }, { ...state, leaseExpiresAt: instant(90_000), updatedAt: null })
      assert.equal(await syncStates.acquire(ref, { ...lease(), at: instant(minute + skew + 1) }), null)
      await syncStates.renew(ref, { fence: state.fence, at: instant(5 * minute), leaseMs: minute })
      const late = await syncStates.find({ scope: operatorScope, ...ref })
      assert.equal(late?.fence, state.fence)
      assert.deepEqual(late?.leaseExpiresAt, instant(6 * minute))
    },
  },
  {
    id: 'sync-states/fail/records',
    title: 'fail counts one more error, keeps its text and the next attempt, gives the lease back, leaves the cursor',
    async run(context) {
      const { syncStates } = context.repositories
      const { ref, state } = await givenLease(context)
      const page = { at: instant(1), cursor: '"page-2"', trail: null, itemCount: 1, complete: false }
      await syncStates.commit(ref, { fence: state.fence, revision: state.revision, ...page })
      const failure = { at: instant(2), error: 'Zeitüberschreitung ⏱', nextSyncAt: instant(60_123) }
      await syncStates.fail(ref, { fence: state.fence, ...failure })
      const failed = await syncStates.find({ scope: operatorScope, ...ref })
      assert.deepEqual(failed, {
        ...state,
        cursor: '"page-2"',
        revision: state.revision + 1,
        itemsSynced: 1,
        status: 'failed',
        errorCount: 1,
        lastError: failure.error,
        nextSyncAt: failure.nextSyncAt,
        leaseOwner: null,
        leaseExpiresAt: null,
        updatedAt: instant(2),
      })
      const next = await syncStates.acquire(ref, { ...lease(), at: instant(3) })
      assert.ok(next)
      await syncStates.fail(ref, { fence: next.fence, ...failure })
      assert.equal((await syncStates.find({ scope: operatorScope, ...ref }))?.errorCount, 2)
    },
  },
  {
    id: 'sync-states/commit/ends-failures',
    title: 'a page that is committed ends a row of failures, even if it is not the last one',
    async run(context) {
      const { syncStates } = context.repositories
      const { ref, state } = await givenLease(context)
      const failure = { at: instant(1), error: 'boom', nextSyncAt: instant(60_123) }
      await syncStates.fail(ref, { fence: state.fence, ...failure })
      const next = await syncStates.acquire(ref, { ...lease(), at: instant(2) })
      assert.ok(next)
      const page = { at: instant(3), cursor: '"page-2"', trail: null, itemCount: 1, complete: false }
      await syncStates.commit(ref, { fence: next.fence, revision: next.revision, ...page })
      const found = await syncStates.find({ scope: operatorScope, ...ref })
      assert.deepEqual([found?.errorCount, found?.lastError, found?.nextSyncAt], [0, null, null])
    },
  },
  {
    id: 'sync-states/release/frees',
    title: 'release gives the lease back with the status told, and the next holder can take it at once',
    async run(context) {
      const { syncStates } = context.repositories
      const { ref, state } = await givenLease(context)
      await syncStates.release(ref, { fence: state.fence, at: instant(1), status: 'idle' })
      const free = await syncStates.find({ scope: operatorScope, ...ref })
      const released = { ...state, status: 'idle', leaseOwner: null, leaseExpiresAt: null, updatedAt: instant(1) }
      assert.deepEqual(free, released)
      const next = await syncStates.acquire(ref, { ...lease(), at: instant(2), owner: 'second' })
      assert.equal(next?.fence, state.fence + 1)
      assert.equal(next?.leaseOwner, 'second')
      assert.equal(next?.status, 'running')
    },
  },
]
