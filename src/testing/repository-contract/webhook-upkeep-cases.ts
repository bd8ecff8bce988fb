import assert from 'node:assert/strict'
import { operatorScope, tenantScope } from '../../core/domain/tenant.ts'
import type { WebhookStatus } from '../../core/domain/webhook-event.ts'
import { instant } from '../instant.ts'
import { givenWebhookEvent } from './given-webhook-event.ts'
import { race } from './race.ts'
import { rejectsWith } from './rejects-with.ts'
import type { RepositoryContractCase } from './repository-contract-case.ts'
import { sameEvent } from './same-event.ts'

const statuses: readonly WebhookStatus[] = [
  'received',
  'processing',
  'processed',
  'failed',
  'dead',
  'rejected',
  'unhandled',
]
const claim = { at: instant(0), leaseMs: 60_000, perTenant: 1_000, handled: 'all' } as const
const failure = { error: 'gave up', errorKind: 'handler' } as const
const skipped = { error: 'not wanted', errorKind: 'skipped' } as const
/** Long before anything else in the store, so that what others have stored is neither touched nor in the way. */
const longAgo = (ms: number) => instant(ms - 10_000_000_000_000)
/** And longer, for what is removed. */
const longer = (ms: number) => instant(ms - 20_000_000_000_000)
const purged = { rawBody: new Uint8Array(), payload: {}, headers: {} }

/** Beginning anew with deliveries, giving them up, and removing what is old. */
export const webhookUpkeepCases: readonly RepositoryContractCase[] = [
  {
    id: 'webhook-events/requeue/begins-anew',
    title:
      'dead, failed, unhandled and processed deliveries begin anew: received, due, without failures; attempts go on',
    async run(context) {
      const { webhookEvents } = context.repositories
      for (const status of ['dead', 'failed', 'unhandled', 'processed'] as const) {
        const fields = { attempts: 9, failureCount: 9, availableAt: null, processedAt: instant(1), ...failure }
        const stored = await givenWebhookEvent(context, { status, ...fields })
        const requeued = await webhookEvents.requeue(stored, { at: instant(2) })
        const begun = { failureCount: 0, availableAt: instant(2), processedAt: null, error: null, errorKind: null }
        sameEvent(requeued, { ...stored, ...begun, status: 'received' })
        assert.ok(requeued)
        sameEvent(await webhookEvents.find({ scope: operatorScope, id: stored.id }), requeued)
        const scope = tenantScope(stored.tenantId)
        const due = await webhookEvents.due({
          scope,
          at: instant(2),
          clockSkewMs: 0,
          perTenant: 1_000,
          limit: 1,
          handled: 'all',
        })
        assert.deepEqual(
          due.map(({ id }) => id),
          [stored.id],
        )
        assert.equal((await webhookEvents.claim(stored, claim))?.attempts, 10)
      }
    },
  },
  {
    id: 'webhook-events/requeue/refuses',
    title: 'deliveries that wait, are processed or were rejected, and those without a body, stay as they are',
    async run(context) {
      const { webhookEvents } = context.repositories
      for (const fields of [
        { status: 'received' },
        { status: 'processing', attempts: 1 },
        { status: 'rejected' },
        { status: 'dead', purgedAt: instant(1) },
      ] as const) {
        const stored = await givenWebhookEvent(context, fields)
        assert.equal(await webhookEvents.requeue(stored, { at: instant(2) }), null)
        sameEvent(await webhookEvents.find({ scope: operatorScope, id: stored.id }), stored)
      }
      const stored = await givenWebhookEvent(context, { status: 'dead' })
      const foreign = { tenantId: await context.newTenantId(), id: stored.id }
      assert.equal(await webhookEvents.requeue(foreign, { at: instant(2) }), null)
      sameEvent(await webhookEvents.find({ scope: operatorScope, id: stored.id }), stored)
    },
  },
  {
    id: 'webhook-events/requeue/stale-attempt',
    title: 'an old claim can not end a delivery that has begun anew',
    async run(context) {
      const { webhookEvents } = context.repositories
      const stored = await givenWebhookEvent(context)
      await webhookEvents.claim(stored, claim)
      await webhookEvents.deadLetter(stored, { attempt: 1, at: instant(1), ...failure })
      await webhookEvents.requeue(stored, { at: instant(2) })
      await rejectsWith('CLAIM_LOST', () => webhookEvents.complete(stored, { attempt: 1, at: instant(3) }))
      await webhookEvents.claim(stored, claim)
      await rejectsWith('CLAIM_LOST', () => webhookEvents.complete(stored, { attempt: 1, at: instant(3) }))
      await webhookEvents.complete(stored, { attempt: 2, at: instant(4) })
    },
  },
  {
    id: 'webhook-events/abandon/ends',
    title: 'received, failed and unhandled deliveries can be given up: dead, with what is said about it',
    async run(context) {
      const { webhookEvents } = context.repositories
      for (const status of ['received', 'failed', 'unhandled'] as const) {
        const stored = await givenWebhookEvent(context, { status, attempts: 3, failureCount: 3 })
        const dead = { ...stored, ...skipped, status: 'dead', availableAt: null } as const
        sameEvent(await webhookEvents.abandon(stored, skipped), dead)
        sameEvent(await webhookEvents.find({ scope: operatorScope, id: stored.id }), dead)
      }
    },
  },
  {
    id: 'webhook-events/abandon/refuses',
    title: 'a delivery that somebody is at, or that has ended, stays as it is',
    async run(context) {
      const { webhookEvents } = context.repositories
      for (const status of ['processing', 'processed', 'dead', 'rejected'] as const) {
        const stored = await givenWebhookEvent(context, { status, attempts: 1 })
        assert.equal(await webhookEvents.abandon(stored, skipped), null)
        sameEvent(await webhookEvents.find({ scope: operatorScope, id: stored.id }), stored)
      }
      const stored = await givenWebhookEvent(context)
      const foreign = { tenantId: await context.newTenantId(), id: stored.id }
      assert.equal(await webhookEvents.abandon(foreign, skipped), null)
      sameEvent(await webhookEvents.find({ scope: operatorScope, id: stored.id }), stored)
    },
  },
  {
    id: 'webhook-events/abandon/one-winner',
    title: 'of 16 concurrent calls exactly one gives the delivery up',
    needs: ['parallel'],
    async run(context) {
      const { webhookEvents } = context.repositories
      const stored = await givenWebhookEvent(context)
      const outcomes = await race(16, () => webhookEvents.abandon(stored, skipped))
      assert.equal(outcomes.filter((outcome) => outcome !== null).length, 1)
    },
  },
  {
    id: 'webhook-events/purge/bodies',
    title:
      'purge removes bodies, payloads and headers of processed and dead deliveries that are old enough, and nothing else',
    async run(context) {
      const { webhookEvents } = context.repositories
      for (const status of statuses) {
        const old = await givenWebhookEvent(context, { status, createdAt: longAgo(0) })
        const young = await givenWebhookEvent(context, { status, createdAt: longAgo(5) })
        const isEnded = status === 'processed' || status === 'dead'
        const query = { before: longAgo(5), at: instant(9), limit: 100 }
        assert.equal(await webhookEvents.purge(query), isEnded ? 1 : 0, status)
        const expected = isEnded ? { ...old, ...purged, purgedAt: instant(9) } : old
        sameEvent(await webhookEvents.find({ scope: operatorScope, id: old.id }), expected)
        sameEvent(await webhookEvents.find({ scope: operatorScope, id: young.id }), young)
        assert.equal(await webhookEvents.purge(query), 0)
        await webhookEvents.purge({ ...query, before: longAgo(6) })
      }
    },
  },
  {
    id: 'webhook-events/purge/still-known',
    title: 'a delivery without its body is known for a duplicate, and can neither be claimed nor begin anew',
    async run(context) {
      const { webhookEvents } = context.repositories
      const stored = await givenWebhookEvent(context, { status: 'dead', createdAt: longAgo(0) })
      assert.equal(await webhookEvents.purge({ before: longAgo(1), at: instant(9), limit: 100 }), 1)
      const again = await webhookEvents.insertIfAbsent({ ...stored, id: `${stored.id.slice(0, -1)}~` })
      assert.equal(again.isNew, false)
      sameEvent(again.event, { ...stored, ...purged, purgedAt: instant(9), deliveries: 2 })
      assert.equal(await webhookEvents.claim(stored, claim), null)
      assert.equal(await webhookEvents.requeue(stored, { at: instant(9) }), null)
    },
  },
  {
    id: 'webhook-events/purge/one-winner',
    title: 'of 16 concurrent purges each delivery is counted by one, at most limit at a time',
    needs: ['parallel'],
    async run(context) {
      const { webhookEvents } = context.repositories
      for (let index = 0; index < 6; index += 1) {
        await givenWebhookEvent(context, { status: index % 2 === 0 ? 'dead' : 'processed', createdAt: longAgo(0) })
      }
      const query = { before: longAgo(1), at: instant(9), limit: 4 }
      const first = await webhookEvents.purge(query)
      assert.equal(first, 4)
      const counts = await race(16, () => webhookEvents.purge(query))
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        2,
      )
    },
  },
  {
    id: 'webhook-events/prune/rows',
    title: 'prune removes what lost its body long enough ago, and old rejected deliveries; their keys are free again',
    async run(context) {
      const { webhookEvents } = context.repositories
      const query = { purgedBefore: longer(5), rejectedBefore: longer(5), limit: 100 }
      const given = (fields: object) => givenWebhookEvent(context, { createdAt: longer(0), ...fields })
      const gone = [
        await given({ status: 'processed', purgedAt: longer(4) }),
        await given({ status: 'dead', purgedAt: longer(4) }),
        await given({ status: 'rejected' }),
      ]
      const kept = [
        await given({ status: 'dead', purgedAt: longer(5) }),
        await given({ status: 'rejected', createdAt: longer(5) }),
      ]
      for (const status of statuses) if (status !== 'rejected') kept.push(await given({ status }))
      assert.equal(await webhookEvents.prune(query), gone.length)
      for (const { id } of gone) assert.equal(await webhookEvents.find({ scope: operatorScope, id }), null)
      for (const row of kept) sameEvent(await webhookEvents.find({ scope: operatorScope, id: row.id }), row)
      const [first] = gone
      assert.ok(first)
      assert.equal((await webhookEvents.insertIfAbsent({ ...first, purgedAt: null })).isNew, true)
      // Others may run the same on this store.
      await webhookEvents.purge({ before: longer(6), at: longer(0), limit: 100 })
      await webhookEvents.prune({ purgedBefore: longer(6), rejectedBefore: longer(6), limit: 100 })
    },
  },
  {
    id: 'webhook-events/prune/one-winner',
    title: 'of 16 concurrent calls each removed row is counted by one, at most limit at a time',
    needs: ['parallel'],
    async run(context) {
      const { webhookEvents } = context.repositories
      for (let index = 0; index < 6; index += 1) {
        const fields = index % 2 === 0 ? { status: 'rejected' } : { status: 'dead', purgedAt: longer(0) }
        await givenWebhookEvent(context, { createdAt: longer(0), ...fields } as object)
      }
      const query = { purgedBefore: longer(1), rejectedBefore: longer(1), limit: 4 }
      assert.equal(await webhookEvents.prune(query), 4)
      const counts = await race(16, () => webhookEvents.prune(query))
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        2,
      )
    },
  },
]
