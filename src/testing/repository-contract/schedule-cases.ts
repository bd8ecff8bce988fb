import assert from 'node:assert/strict'
import { operatorScope, type TenantId } from '../../core/domain/tenant.ts'
import type { SyncStateRef, SyncStateRepository } from '../../core/ports/sync-state-repository.ts'
import { instant } from '../instant.ts'
import { newId } from '../new-id.ts'
import { givenLease, givenSyncRef, lease } from './given-lease.ts'
import { race } from './race.ts'
import { rejectsWith } from './rejects-with.ts'
import type { RepositoryContractCase, RepositoryContractContext } from './repository-contract-case.ts'

const hourly = '{"everyMs":3600000,"note":"täglich ⏱"}'
const skew = 10_000

// `due` looks at all tenants: long before anything else is due, and taken away again at the end of the case.
const dueTime = (ms: number) => new Date(Date.UTC(2001, 0, 1) + ms)

type States<T extends TenantId> = SyncStateRepository<T>

function change(dueAt: Date | null, schedule: string | null = hourly) {
  return { id: newId(), at: instant(1), schedule, dueAt }
}

/** Schedules rows, does something with them, and takes the schedules away. */
async function withDue<T extends TenantId>(
  syncStates: States<T>,
  rows: readonly (readonly [ref: SyncStateRef<T>, dueAt: Date])[],
  work: () => Promise<void>,
): Promise<void> {
  for (const [ref, dueAt] of rows) await syncStates.schedule(ref, change(dueAt))
  try {
    await work()
  } finally {
    for (const [ref] of rows) await syncStates.schedule(ref, change(null, null))
  }
}

/** Rows of one tenant, named in the order in which they are due. */
async function rowsOf<T extends TenantId, Tx>(
  context: RepositoryContractContext<T, Tx>,
  count: number,
  fromMs: number,
): Promise<readonly (readonly [SyncStateRef<T>, Date])[]> {
  const ref = await givenSyncRef(context)
  return Array.from({ length: count }, (_, index) => [
    { ...ref, resourceType: `orders-${index}` },
    dueTime(fromMs + index),
  ])
}

/** Schedules in the row, and who is due. */
export const scheduleCases: readonly RepositoryContractCase[] = [
  {
    id: 'sync-states/schedule/creates',
    title: 'the schedule of a state that has never run creates its row, idle and held by nobody',
    async run(context) {
      const { syncStates } = context.repositories
      const ref = await givenSyncRef(context)
      const wanted = change(instant(5))
      const state = await syncStates.schedule(ref, wanted)
      assert.equal(state.id, wanted.id)
      assert.equal(state.schedule, hourly)
      assert.deepEqual([state.dueAt, state.status, state.cursor, state.leaseOwner], [instant(5), 'idle', null, null])
      assert.deepEqual(await syncStates.find({ scope: operatorScope, ...ref }), state)
      const taken = await syncStates.acquire(ref, lease())
      assert.deepEqual([taken?.schedule, taken?.dueAt], [hourly, instant(5)])
      await syncStates.schedule(ref, change(null, null))
    },
  },
  {
    id: 'sync-states/schedule/keeps',
    title: 'a schedule changes nothing else of a state, and its holder keeps the lease',
    async run(context) {
      const { syncStates } = context.repositories
      const { ref, state } = await givenLease(context)
      const scheduled = await syncStates.schedule(ref, change(instant(5)))
      assert.deepEqual(scheduled, { ...state, schedule: hourly, dueAt: instant(5), updatedAt: instant(1) })
      const { fence, revision } = state
      const page = { fence, revision, at: instant(2), cursor: '"end"', trail: null, itemCount: 1, complete: true }
      await syncStates.commit(ref, page)
      const found = await syncStates.find({ scope: operatorScope, ...ref })
      assert.deepEqual([found?.schedule, found?.dueAt, found?.cursor], [hourly, instant(5), '"end"'])
      const without = await syncStates.schedule(ref, change(null, null))
      assert.deepEqual([without.schedule, without.dueAt, without.cursor], [null, null, '"end"'])
    },
  },
  {
    id: 'sync-states/schedule/foreign',
    title: 'nobody schedules on the connection of another tenant',
    async run(context) {
      const { syncStates } = context.repositories
      const { ref, state } = await givenLease(context)
      const tenantId = await context.newTenantId()
      for (const resourceType of [ref.resourceType, 'products']) {
        const foreign = { ...ref, tenantId, resourceType }
        await rejectsWith('CONNECTION_NOT_FOUND', () => syncStates.schedule(foreign, change(instant(5))))
      }
      assert.equal(
        await syncStates.moveDue({ ...ref, tenantId }, { at: instant(1), from: instant(5), to: instant(6) }),
        false,
      )
      assert.deepEqual(await syncStates.find({ scope: operatorScope, ...ref }), state)
      assert.equal(await syncStates.find({ scope: operatorScope, ...ref, resourceType: 'products' }), null)
    },
  },
  {
    id: 'sync-states/schedule/race',
    title: 'of concurrent schedules of a state that has never run all are written, into one row',
    needs: ['parallel'],
    async run(context) {
      const { syncStates } = context.repositories
      const ref = await givenSyncRef(context)
      const states = await race(16, () => syncStates.schedule(ref, change(instant(5))))
      assert.equal(new Set(states.map(({ id }) => id)).size, 1)
      await syncStates.schedule(ref, change(null, null))
    },
  },
  {
    id: 'sync-states/request/creates',
    title: 'the request of a state that has never run creates its row, due and held by nobody',
    async run(context) {
      const { syncStates } = context.repositories
      const ref = await givenSyncRef(context)
      try {
        const state = await syncStates.request(ref, { id: newId(), at: dueTime(1), isFull: true })
        assert.deepEqual(
          [state.schedule, state.dueAt, state.fullRequestedAt, state.status, state.leaseOwner, state.mode],
          [null, dueTime(1), dueTime(1), 'idle', null, 'incremental'],
        )
        assert.deepEqual(await syncStates.find({ scope: operatorScope, ...ref }), state)
      } finally {
        await syncStates.schedule(ref, change(null, null))
      }
    },
  },
  {
    id: 'sync-states/request/keeps',
    title: 'a request changes when a state runs and nothing else, and its holder keeps the lease',
    async run(context) {
      const { syncStates } = context.repositories
      const { ref } = await givenLease(context)
      await withDue(syncStates, [[ref, instant(5)]], async () => {
        const state = await syncStates.find({ scope: operatorScope, ...ref })
        assert.ok(state)
        const requested = await syncStates.request(ref, { id: newId(), at: dueTime(1), isFull: false })
        assert.deepEqual(requested, { ...state, dueAt: dueTime(1), updatedAt: dueTime(1) })
        const { fence } = state
        await syncStates.fail(ref, { fence, at: instant(2), error: 'late', nextSyncAt: instant(9) })
        const again = await syncStates.request(ref, { id: newId(), at: dueTime(2), isFull: true })
        assert.deepEqual(
          [again.dueAt, again.nextSyncAt, again.fullRequestedAt, again.status, again.errorCount, again.schedule],
          [dueTime(2), null, dueTime(2), 'failed', 1, hourly],
        )
        assert.deepEqual(await syncStates.find({ scope: operatorScope, ...ref }), again)
      })
    },
  },
  {
    id: 'sync-states/request/full',
    title: 'a request for a full pass stays until one begins',
    async run(context) {
      const { syncStates } = context.repositories
      const { ref, state } = await givenLease(context)
      const { fence, revision } = state
      try {
        await syncStates.request(ref, { id: newId(), at: dueTime(1), isFull: true })
        const page = { fence, revision, at: instant(2), cursor: '"end"', trail: null, itemCount: 1, complete: true }
        await syncStates.commit(ref, page)
        const resumed = await syncStates.acquire(ref, lease())
        assert.deepEqual([resumed?.mode, resumed?.fullRequestedAt], ['incremental', dueTime(1)])
        await syncStates.release(ref, { fence: resumed?.fence ?? 0, at: instant(3), status: 'idle' })
        const full = await syncStates.acquire(ref, { ...lease(), begin: 'full' })
        assert.deepEqual([full?.mode, full?.fullRequestedAt], ['full', null])
      } finally {
        await syncStates.schedule(ref, change(null, null))
      }
    },
  },
  {
    id: 'sync-states/request/foreign',
    title: 'nobody requests a run on the connection of another tenant',
    async run(context) {
      const { syncStates } = context.repositories
      const { ref, state } = await givenLease(context)
      const tenantId = await context.newTenantId()
      for (const resourceType of [ref.resourceType, 'products']) {
        const foreign = { ...ref, tenantId, resourceType }
        const request = { id: newId(), at: dueTime(1), isFull: true }
        await rejectsWith('CONNECTION_NOT_FOUND', () => syncStates.request(foreign, request))
      }
      assert.deepEqual(await syncStates.find({ scope: operatorScope, ...ref }), state)
      assert.equal(await syncStates.find({ scope: operatorScope, ...ref, resourceType: 'products' }), null)
    },
  },
  {
    id: 'sync-states/move-due/none',
    title: 'a row that is due can be moved on to no time at all',
    async run(context) {
      const { syncStates } = context.repositories
      const ref = await givenSyncRef(context)
      await withDue(syncStates, [[ref, dueTime(0)]], async () => {
        assert.equal(await syncStates.moveDue(ref, { at: instant(1), from: dueTime(0), to: null }), true)
        const state = await syncStates.find({ scope: operatorScope, ...ref })
        assert.deepEqual([state?.dueAt, state?.schedule], [null, hourly])
      })
    },
  },
  {
    id: 'sync-states/move-due/one-winner',
    title: 'of concurrent calls that move a due row on exactly one does',
    needs: ['parallel'],
    async run(context) {
      const { syncStates } = context.repositories
      const ref = await givenSyncRef(context)
      await withDue(syncStates, [[ref, dueTime(0)]], async () => {
        let step = 0
        const moved = await race(16, () => {
          step += 1
          return syncStates.moveDue(ref, { at: instant(1), from: dueTime(0), to: dueTime(step) })
        })
        assert.equal(moved.filter((isMoved) => isMoved).length, 1)
      })
    },
  },
  {
    id: 'sync-states/move-due/changed',
    title: 'a row whose schedule was changed meanwhile, or taken away, is not moved',
    async run(context) {
      const { syncStates } = context.repositories
      const ref = await givenSyncRef(context)
      await withDue(syncStates, [[ref, dueTime(1)]], async () => {
        const move = { at: instant(1), from: dueTime(0), to: dueTime(9) }
        assert.equal(await syncStates.moveDue(ref, move), false)
        await syncStates.schedule(ref, change(null))
        assert.equal(await syncStates.moveDue(ref, move), false)
        assert.equal((await syncStates.find({ scope: operatorScope, ...ref }))?.dueAt, null)
      })
    },
  },
  {
    id: 'sync-states/due/which',
    title: 'due is what has a time that has come, and what nobody holds',
    async run(context) {
      const { syncStates } = context.repositories
      const [come, held, later] = [
        await givenSyncRef(context),
        await givenSyncRef(context),
        await givenSyncRef(context),
      ]
      const rows = [
        [come, dueTime(5)],
        [held, dueTime(4)],
        [later, dueTime(6)],
      ] as const
      await withDue(syncStates, rows, async () => {
        const ids = async (at: Date) =>
          (await syncStates.due({ at, clockSkewMs: skew, limit: 10, perTenant: 10 })).map((row) => row.connectionId)
        assert.deepEqual(await ids(dueTime(3)), [])
        const taken = await syncStates.acquire(held, { ...lease(), at: dueTime(0), leaseMs: 60_000 })
        assert.deepEqual(await ids(dueTime(5)), [come.connectionId])
        assert.deepEqual(await ids(dueTime(60_000 + skew)), [come.connectionId, later.connectionId])
        assert.deepEqual(
          await ids(dueTime(60_001 + skew)),
          [held, come, later].map((ref) => ref.connectionId),
        )
        await syncStates.release(held, { fence: taken?.fence ?? 0, at: dueTime(1), status: 'idle' })
        assert.deepEqual(await ids(dueTime(5)), [held.connectionId, come.connectionId])
      })
    },
  },
  {
    id: 'sync-states/due/fair',
    title: 'a tenant with many due rows holds up nobody: it gets its share first, and the rest when nobody else waits',
    async run(context) {
      const { syncStates } = context.repositories
      const many = await rowsOf(context, 30, 0)
      const few = await rowsOf(context, 3, 100)
      const one = await rowsOf(context, 1, 200)
      const named = (rows: typeof many, from: number, to: number) =>
        rows.slice(from, to).map(([ref]) => [ref.connectionId, ref.resourceType])
      await withDue(syncStates, [...one, ...many, ...few], async () => {
        const due = async (limit: number, perTenant: number) =>
          (await syncStates.due({ at: dueTime(1_000), clockSkewMs: skew, limit, perTenant })).map((row) => [
            row.connectionId,
            row.resourceType,
          ])
        assert.deepEqual(await due(5, 2), [...named(many, 0, 2), ...named(few, 0, 2), ...named(one, 0, 1)])
        assert.deepEqual(await due(4, 10), named(many, 0, 4))
        assert.deepEqual(await due(9, 2), [
          ...named(many, 0, 2),
          ...named(few, 0, 2),
          ...named(one, 0, 1),
          ...named(many, 2, 6),
        ])
      })
    },
  },
]
