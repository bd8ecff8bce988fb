import assert from 'node:assert/strict'
import type { HandledTypes } from '../../core/domain/handled-types.ts'
import { operatorScope, type TenantId, tenantScope } from '../../core/domain/tenant.ts'
import type { WebhookEventRef, WebhookEventRepository } from '../../core/ports/webhook-event-repository.ts'
import { instant } from '../instant.ts'
import { newId } from '../new-id.ts'
import { givenWebhookEvent } from './given-webhook-event.ts'
import { race } from './race.ts'
import { rejectsWith } from './rejects-with.ts'
import type { RepositoryContractCase } from './repository-contract-case.ts'
import { sameEvent } from './same-event.ts'

const minute = 60_000
const skew = 10_000
const everything = { clockSkewMs: skew, handled: 'all', perTenant: 1_000 } as const
const claim = { at: instant(0), leaseMs: minute, handled: 'all' } as const

/** Asserts that a claim with this attempt can't be ended. */
async function refusesAll<T extends TenantId>(
  webhookEvents: WebhookEventRepository<T>,
  ref: WebhookEventRef<T>,
  attempt: number,
): Promise<void> {
  const at = instant(3)
  await rejectsWith('CLAIM_LOST', () => webhookEvents.complete(ref, { attempt, at }))
  await rejectsWith('CLAIM_LOST', () => webhookEvents.complete(ref, { attempt, at }))
  await rejectsWith('CLAIM_LOST', () =>
    webhookEvents.retryLater(ref, {
      attempt,
      at,
      availableAt: instant(9),
      failureCount: 1,
      error: 'stale',
      errorKind: 'handler',
    }),
  )
  await rejectsWith('CLAIM_LOST', () =>
    webhookEvents.deadLetter(ref, { attempt, at, error: 'stale', errorKind: 'handler' }),
  )
}

/** Claiming deliveries, ending claims, and which deliveries are due. */
export const claimCases: readonly RepositoryContractCase[] = [
  {
    id: 'webhook-events/claim/takes',
    title: 'received, failed, dead and unhandled deliveries may be claimed: processing, one more attempt',
    async run(context) {
      const { webhookEvents } = context.repositories
      for (const status of ['received', 'failed', 'dead', 'unhandled'] as const) {
        const stored = await givenWebhookEvent(context, { status, attempts: 2 })
        const claimed = await webhookEvents.claim(stored, claim)
        assert.equal(claimed?.status, 'processing')
        assert.equal(claimed?.attempts, 3)
        assert.deepEqual(claimed?.claimExpiresAt, instant(minute))
        sameEvent(claimed, {
          ...stored,
          status: 'processing',
          attempts: 3,
          claimExpiresAt: instant(minute),
          availableAt: claimed?.availableAt ?? null,
          error: claimed?.error ?? null,
        })
        assert.ok(claimed)
        sameEvent(await webhookEvents.find({ scope: operatorScope, id: stored.id }), claimed)
      }
    },
  },
  {
    id: 'webhook-events/claim/refuses',
    title: 'processed and rejected deliveries, and those that do not exist, cannot be claimed',
    async run(context) {
      const { webhookEvents } = context.repositories
      for (const status of ['processed', 'rejected'] as const) {
        const stored = await givenWebhookEvent(context, { status })
        assert.equal(await webhookEvents.claim(stored, claim), null)
        sameEvent(await webhookEvents.find({ scope: operatorScope, id: stored.id }), stored)
      }
      assert.equal(await webhookEvents.claim({ tenantId: await context.newTenantId(), id: newId() }, claim), null)
    },
  },
  {
    id: 'webhook-events/claim/one-winner',
    title: 'of 16 concurrent claims exactly one wins',
    needs: ['parallel'],
    async run(context) {
      const { webhookEvents } = context.repositories
      const stored = await givenWebhookEvent(context)
      const winners = (await race(16, () => webhookEvents.claim(stored, claim))).filter((row) => row !== null)
      assert.equal(winners.length, 1)
      assert.equal(winners[0]?.attempts, 1)
      const found = await webhookEvents.find({ scope: operatorScope, id: stored.id })
      assert.equal(found?.attempts, 1)
    },
  },
  {
    id: 'webhook-events/claim/no-takeover',
    title: 'a delivery that is being processed cannot be claimed, not even long after its claim expired',
    async run(context) {
      const { webhookEvents } = context.repositories
      const stored = await givenWebhookEvent(context)
      const first = await webhookEvents.claim(stored, claim)
      assert.ok(first)
      for (const offset of [0, minute - 1, minute + skew + 1, 100 * minute]) {
        assert.equal(await webhookEvents.claim(stored, { ...claim, at: instant(offset) }), null)
      }
      sameEvent(await webhookEvents.find({ scope: operatorScope, id: stored.id }), first)
    },
  },
  {
    id: 'webhook-events/complete/ends',
    title: 'complete ends the claim for good as processed; it is not due again',
    async run(context) {
      const { webhookEvents } = context.repositories
      const stored = await givenWebhookEvent(context)
      await webhookEvents.claim(stored, claim)
      await webhookEvents.complete(stored, { attempt: 1, at: instant(1_234) })
      sameEvent(await webhookEvents.find({ scope: operatorScope, id: stored.id }), {
        ...stored,
        status: 'processed',
        attempts: 1,
        availableAt: null,
        processedAt: instant(1_234),
      })
      const query = { ...everything, scope: tenantScope(stored.tenantId), at: instant(10 * minute), limit: 10 }
      assert.deepEqual(await webhookEvents.due(query), [])
    },
  },
  {
    id: 'webhook-events/mark-unhandled/stays-due',
    title: 'a received delivery that nobody handled says so, and stays due and claimable',
    async run(context) {
      const { webhookEvents } = context.repositories
      const stored = await givenWebhookEvent(context)
      await webhookEvents.markUnhandled({ tenantId: await context.newTenantId(), id: stored.id })
      sameEvent(await webhookEvents.find({ scope: operatorScope, id: stored.id }), stored)
      await webhookEvents.markUnhandled(stored)
      const marked = { ...stored, status: 'unhandled' } as const
      sameEvent(await webhookEvents.find({ scope: operatorScope, id: stored.id }), marked)
      const query = { ...everything, scope: tenantScope(stored.tenantId), at: instant(10 * minute), limit: 10 }
      assert.deepEqual(
        (await webhookEvents.due(query)).map(({ id }) => id),
        [stored.id],
      )
      assert.equal((await webhookEvents.claim(stored, claim))?.attempts, 1)
    },
  },
  {
    id: 'webhook-events/mark-unhandled/only-received',
    title: 'a delivery in any other status stays as it is',
    async run(context) {
      const { webhookEvents } = context.repositories
      for (const status of ['processing', 'processed', 'failed', 'dead'] as const) {
        const stored = await givenWebhookEvent(context, { status, attempts: 1 })
        await webhookEvents.markUnhandled(stored)
        sameEvent(await webhookEvents.find({ scope: operatorScope, id: stored.id }), stored)
      }
    },
  },
  {
    id: 'webhook-events/retry-later/fails',
    title: 'retryLater keeps the error and the instant of the next attempt, and the delivery can be claimed again',
    async run(context) {
      const { webhookEvents } = context.repositories
      const stored = await givenWebhookEvent(context)
      await webhookEvents.claim(stored, claim)
      const failure = { failureCount: 7, error: 'Fehler 💥', errorKind: 'provider' } as const
      const end = { attempt: 1, at: instant(1), availableAt: instant(5_001), ...failure }
      await webhookEvents.retryLater(stored, end)
      const { availableAt } = end
      sameEvent(await webhookEvents.find({ scope: operatorScope, id: stored.id }), {
        ...stored,
        status: 'failed',
        attempts: 1,
        availableAt,
        ...failure,
      })
      assert.equal((await webhookEvents.claim(stored, { ...claim, at: instant(2) }))?.attempts, 2)
    },
  },
  {
    id: 'webhook-events/dead-letter/ends',
    title: 'deadLetter keeps the error; the delivery is not due by itself but can be claimed again',
    async run(context) {
      const { webhookEvents } = context.repositories
      const stored = await givenWebhookEvent(context)
      await webhookEvents.claim(stored, claim)
      await webhookEvents.deadLetter(stored, { attempt: 1, at: instant(1), error: 'gave up', errorKind: 'timeout' })
      sameEvent(await webhookEvents.find({ scope: operatorScope, id: stored.id }), {
        ...stored,
        status: 'dead',
        attempts: 1,
        availableAt: null,
        error: 'gave up',
        errorKind: 'timeout',
      })
      const query = { ...everything, scope: tenantScope(stored.tenantId), at: instant(10 * minute), limit: 10 }
      assert.deepEqual(await webhookEvents.due(query), [])
      assert.equal((await webhookEvents.claim(stored, { ...claim, at: instant(2) }))?.attempts, 2)
    },
  },
  {
    id: 'webhook-events/all/stale-attempt',
    title:
      'a claim that has ended cannot be ended again, also when the delivery was claimed anew: CLAIM_LOST, nothing is written',
    async run(context) {
      const { webhookEvents } = context.repositories
      const stored = await givenWebhookEvent(context)
      await refusesAll(webhookEvents, stored, 0)
      sameEvent(await webhookEvents.find({ scope: operatorScope, id: stored.id }), stored)
      await webhookEvents.claim(stored, claim)
      const failure = { failureCount: 1, error: 'gone', errorKind: 'crashed', availableAt: instant(2) } as const
      await webhookEvents.retryLater(stored, { attempt: 1, at: instant(1), ...failure })
      const second = await webhookEvents.claim(stored, { ...claim, at: instant(2) })
      assert.ok(second)
      await refusesAll(webhookEvents, stored, 1)
      await refusesAll(webhookEvents, stored, 3)
      sameEvent(await webhookEvents.find({ scope: operatorScope, id: stored.id }), second)
      await webhookEvents.complete(stored, { attempt: 2, at: instant(2 * minute) })
      const processed = await webhookEvents.find({ scope: operatorScope, id: stored.id })
      assert.ok(processed)
      await refusesAll(webhookEvents, stored, 2)
      sameEvent(await webhookEvents.find({ scope: operatorScope, id: stored.id }), processed)
    },
  },
  {
    id: 'webhook-events/complete/one-winner',
    title: 'of 16 concurrent endings of one claim exactly one is written',
    needs: ['parallel'],
    async run(context) {
      const { webhookEvents } = context.repositories
      const stored = await givenWebhookEvent(context)
      await webhookEvents.claim(stored, claim)
      const outcomes = await race(16, (index) =>
        (index % 2 === 0
          ? webhookEvents.complete(stored, { attempt: 1, at: instant(1) })
          : webhookEvents.deadLetter(stored, { attempt: 1, at: instant(1), error: 'gave up', errorKind: 'timeout' })
        ).then(
          () => 'ended',
          (error: { readonly code?: unknown }) => error.code,
        ),
      )
      assert.equal(outcomes.filter((outcome) => outcome === 'ended').length, 1)
      assert.equal(outcomes.filter((outcome) => outcome === 'CLAIM_LOST').length, 15)
    },
  },
  {
    id: 'webhook-events/all/foreign-tenant',
    title: 'a verb that names the wrong tenant changes nothing',
    async run(context) {
      const { webhookEvents } = context.repositories
      const stored = await givenWebhookEvent(context)
      const foreign = { tenantId: await context.newTenantId(), id: stored.id }
      assert.equal(await webhookEvents.claim(foreign, claim), null)
      sameEvent(await webhookEvents.find({ scope: operatorScope, id: stored.id }), stored)
      const claimed = await webhookEvents.claim(stored, claim)
      assert.ok(claimed)
      await refusesAll(webhookEvents, foreign, 1)
      sameEvent(await webhookEvents.find({ scope: operatorScope, id: stored.id }), claimed)
    },
  },
  {
    id: 'webhook-events/due/rules',
    title: 'due are received, unhandled and failed ones whose time has come, and processing ones whose claim ran out',
    async run(context) {
      const { webhookEvents } = context.repositories
      const at = instant(10 * minute)
      const owner = await givenWebhookEvent(context, { availableAt: at })
      const { tenantId, connectionId } = owner
      const given = (fields: object) => givenWebhookEvent(context, { tenantId, connectionId, ...fields })
      const failed = await given({ status: 'failed', attempts: 1, availableAt: instant(5) })
      const crashed = await given({
        status: 'processing',
        attempts: 1,
        claimExpiresAt: instant(10 * minute - skew - 1),
      })
      await given({ availableAt: instant(10 * minute + 1) })
      await given({ status: 'failed', availableAt: instant(10 * minute + 1) })
      await given({ status: 'processing', attempts: 1, claimExpiresAt: instant(10 * minute - skew + 1) })
      const unhandled = await given({ status: 'unhandled', availableAt: instant(6) })
      for (const status of ['processed', 'dead', 'rejected']) await given({ status, availableAt: instant(5) })
      const refs = await webhookEvents.due({ ...everything, scope: tenantScope(tenantId), at, limit: 20 })
      assert.deepEqual(refs.map(({ id }) => id).sort(), [owner.id, failed.id, crashed.id, unhandled.id].sort())
      const statuses = refs.map(({ status }) => status).sort()
      assert.deepEqual(statuses, ['failed', 'processing', 'received', 'unhandled'])
      assert.ok(refs.every((ref) => ref.tenantId === tenantId))
    },
  },
  {
    id: 'webhook-events/due/order',
    title: 'the longest-waiting come first, at most limit of them',
    async run(context) {
      const { webhookEvents } = context.repositories
      const third = await givenWebhookEvent(context, { availableAt: instant(300) })
      const { tenantId, connectionId } = third
      const given = (fields: object) => givenWebhookEvent(context, { tenantId, connectionId, ...fields })
      const first = await given({ availableAt: instant(100), status: 'failed' })
      const fourth = await given({ availableAt: instant(400) })
      const second = await given({ availableAt: instant(200) })
      const query = { ...everything, scope: tenantScope(tenantId), at: instant(1_000) }
      const due = async (limit: number) => (await webhookEvents.due({ ...query, limit })).map(({ id }) => id)
      assert.deepEqual(await due(10), [first.id, second.id, third.id, fourth.id])
      assert.deepEqual(await due(2), [first.id, second.id])
    },
  },
  {
    id: 'webhook-events/due/handled',
    title: 'only the handled types are due: whatever else waits, and however long, is not in their way',
    async run(context) {
      const { webhookEvents } = context.repositories
      const opened = await givenWebhookEvent(context, { eventType: 'issues.opened', availableAt: instant(300) })
      const { tenantId, connectionId } = opened
      const given = (eventType: string, at: number) =>
        givenWebhookEvent(context, { tenantId, connectionId, eventType, availableAt: instant(at) })
      const closed = await given('issues.closed', 200)
      const comment = await given('issue_comment.created', 150)
      const push = await given('push', 100)
      const emoji = await given('📦.sent', 250)
      for (const type of ['issuesXopened', 'issueXcomment.created', 'ISSUES.opened', 'pus', 'pushed'])
        await given(type, 1)
      for (const type of ['PUSH', 'Push', 'pUSH', 'ISSUE_COMMENT.created', 'Issue_Comment.created', 'ISSUE_comment.x'])
        await given(type, 1)
      const due = async (handled: HandledTypes, limit = 3) =>
        (
          await webhookEvents.due({ ...everything, scope: tenantScope(tenantId), at: instant(1_000), handled, limit })
        ).map(({ id }) => id)
      assert.deepEqual(await due({ types: ['push'], groups: [] }), [push.id])
      assert.deepEqual(await due({ types: [], groups: ['issue_comment.'] }), [comment.id])
      assert.deepEqual(await due({ types: ['push'], groups: ['issues.'] }, 20), [push.id, closed.id, opened.id])
      assert.deepEqual(await due({ types: [], groups: ['📦.'] }), [emoji.id])
      assert.deepEqual(await due({ types: [], groups: [] }), [])
      assert.equal((await due('all', 20)).length, 16)
    },
  },
  {
    id: 'webhook-events/due/scopes',
    title: 'a tenant sees its own due deliveries, an operator those of all tenants',
    async run(context) {
      const { webhookEvents } = context.repositories
      // Long before anything else in the store is due, so that a full store doesn't push them out.
      const availableAt = instant(-1_000_000_000_000)
      const mine = await givenWebhookEvent(context, { availableAt })
      const theirs = await givenWebhookEvent(context, { availableAt })
      const query = { ...everything, at: availableAt, limit: 1_000 }
      const own = await webhookEvents.due({ scope: tenantScope(mine.tenantId), ...query })
      const { tenantId, id, eventType } = mine
      assert.deepEqual(own, [{ tenantId, id, eventType, orderKey: null, status: 'received' }])
      const all = (await webhookEvents.due({ scope: operatorScope, ...query })).map(({ id }) => id)
      assert.ok(all.includes(mine.id) && all.includes(theirs.id))
      for (const event of [mine, theirs]) {
        await webhookEvents.claim(event, claim)
        await webhookEvents.complete(event, { attempt: 1, at: instant(1) })
      }
    },
  },
]
