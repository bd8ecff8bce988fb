import assert from 'node:assert/strict'
import type { Json } from '../../core/domain/json.ts'
import { operatorScope, tenantScope } from '../../core/domain/tenant.ts'
import { instant } from '../instant.ts'
import { newId } from '../new-id.ts'
import { newWebhookEvent } from '../new-webhook-event.ts'
import { givenConnection } from './given-connection.ts'
import { givenWebhookEvent } from './given-webhook-event.ts'
import { race } from './race.ts'
import { rejectsWith } from './rejects-with.ts'
import type { RepositoryContractCase } from './repository-contract-case.ts'
import { sameEvent } from './same-event.ts'
import { walkPages } from './walk-pages.ts'

/** A payload goes in and comes out with the same meaning. */
function payloadCase(name: string, title: string, payload: Json): RepositoryContractCase {
  return {
    id: `webhook-events/insert-if-absent/payload-${name}`,
    title,
    async run(context) {
      const { id } = await givenWebhookEvent(context, { payload })
      const found = await context.repositories.webhookEvents.find({ scope: operatorScope, id })
      assert.ok(found)
      assert.deepEqual(found.payload, payload)
    },
  }
}

/** Storing, finding and listing webhook deliveries. */
export const webhookEventCases: readonly RepositoryContractCase[] = [
  {
    id: 'webhook-events/insert-if-absent/round-trip',
    title: 'every field comes back as it was stored, instants to the millisecond',
    async run(context) {
      const stored = await givenWebhookEvent(context, {
        headers: { 'x-delivery': 'ü 🧾', 'x-list': ['a', 'b'] },
        signatureValid: false,
        status: 'failed',
        orderKey: newId(),
        attempts: 3,
        failureCount: 2,
        deliveries: 2,
        availableAt: instant(1_001),
        claimExpiresAt: instant(1_002),
        processedAt: instant(1_003),
        error: 'boom 💥',
        errorKind: 'handler',
        purgedAt: instant(1_005),
        createdAt: instant(1_004),
      })
      sameEvent(await context.repositories.webhookEvents.find({ scope: operatorScope, id: stored.id }), stored)
    },
  },
  {
    id: 'webhook-events/insert-if-absent/new',
    title: 'a new delivery is stored and answered as it was given',
    async run(context) {
      const { tenantId, id: connectionId } = await givenConnection(context)
      const event = newWebhookEvent({ tenantId, connectionId })
      const outcome = await context.repositories.webhookEvents.insertIfAbsent(event)
      assert.equal(outcome.isNew, true)
      sameEvent(outcome.event, event)
    },
  },
  {
    id: 'webhook-events/insert-if-absent/duplicate',
    title: 'a duplicate only raises deliveries of the stored row by one, whatever its status and contents',
    async run(context) {
      const { webhookEvents } = context.repositories
      for (const status of ['received', 'processing', 'processed', 'failed', 'dead', 'unhandled'] as const) {
        const stored = await givenWebhookEvent(context, { status, attempts: 1, error: 'kept' })
        const { tenantId, connectionId, idempotencyKey } = stored
        const again = newWebhookEvent({
          tenantId,
          connectionId,
          idempotencyKey,
          eventType: 'forged',
          rawBody: new Uint8Array([1]),
          payload: { forged: true },
          createdAt: instant(77),
        })
        const outcome = await webhookEvents.insertIfAbsent(again)
        assert.equal(outcome.isNew, false)
        sameEvent(outcome.event, { ...stored, deliveries: 2 })
        sameEvent(await webhookEvents.find({ scope: operatorScope, id: stored.id }), { ...stored, deliveries: 2 })
        assert.equal(await webhookEvents.find({ scope: operatorScope, id: again.id }), null)
      }
    },
  },
  {
    id: 'webhook-events/insert-if-absent/one-winner',
    title: 'of 16 concurrent deliveries with one key exactly one is new, and 16 deliveries are counted',
    needs: ['parallel'],
    async run(context) {
      const { webhookEvents } = context.repositories
      const { tenantId, id: connectionId } = await givenConnection(context)
      const idempotencyKey = newId()
      const outcomes = await race(16, () =>
        webhookEvents.insertIfAbsent(newWebhookEvent({ tenantId, connectionId, idempotencyKey })),
      )
      const winners = outcomes.filter(({ isNew }) => isNew)
      assert.equal(winners.length, 1)
      assert.equal(new Set(outcomes.map(({ event }) => event.id)).size, 1)
      const { items } = await webhookEvents.list({ scope: tenantScope(tenantId), filter: {}, limit: 20 })
      assert.deepEqual(
        items.map(({ id, deliveries }) => ({ id, deliveries })),
        [{ id: winners[0]?.event.id, deliveries: 16 }],
      )
    },
  },
  {
    id: 'webhook-events/insert-if-absent/per-connection',
    title: 'the same key at another connection, of the same tenant or of another, is a new delivery',
    async run(context) {
      const { webhookEvents } = context.repositories
      const { tenantId, idempotencyKey } = await givenWebhookEvent(context)
      const sibling = await givenConnection(context, { tenantId })
      const foreign = await givenConnection(context)
      for (const connection of [sibling, foreign]) {
        const event = newWebhookEvent({ tenantId: connection.tenantId, connectionId: connection.id, idempotencyKey })
        assert.equal((await webhookEvents.insertIfAbsent(event)).isNew, true)
        sameEvent(await webhookEvents.find({ scope: operatorScope, id: event.id }), event)
      }
    },
  },
  {
    id: 'webhook-events/insert-if-absent/raw-bytes',
    title: 'raw bytes that are no UTF-8 come back exactly, also none at all',
    async run(context) {
      const { webhookEvents } = context.repositories
      const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index)
      // A view into a larger buffer: what lies around it must not be stored.
      const view = Buffer.concat([Buffer.from('before'), everyByte, Buffer.from('after')]).subarray(6, 262)
      for (const rawBody of [everyByte, view, new Uint8Array(0), Uint8Array.of(0xc3, 0x28, 0x00, 0xff)]) {
        const stored = await givenWebhookEvent(context, { rawBody, payload: null })
        sameEvent(await webhookEvents.find({ scope: operatorScope, id: stored.id }), stored)
      }
    },
  },
  payloadCase('null', 'the payload null comes back as null', null),
  payloadCase('nested', 'a payload nested up to 31 levels comes back whole', {
    a: [{ b: null, c: [[], {}, ''] }, 1.5, '🧾', false],
    deep: JSON.parse(`${'['.repeat(30)}${']'.repeat(30)}`),
  }),
  payloadCase('scalar', 'a payload that is no object comes back as it is', 'text'),
  payloadCase('false', 'the payload false is not taken for absent', false),
  {
    id: 'webhook-events/all/copies',
    title: 'changing bytes, dates or JSON that went in or came out changes nothing stored',
    async run(context) {
      const { webhookEvents } = context.repositories
      const rawBody = Uint8Array.of(1, 2, 3)
      const payload = { list: [1] }
      const { id } = await givenWebhookEvent(context, { rawBody, payload })
      rawBody.fill(0)
      payload.list.push(2)
      const found = await webhookEvents.find({ scope: operatorScope, id })
      found?.rawBody.fill(9)
      found?.createdAt.setTime(0)
      Object.assign(found?.payload as object, { list: 'gone' }) // an object was stored
      const again = await webhookEvents.find({ scope: operatorScope, id })
      assert.deepEqual(Array.from(again?.rawBody ?? []), [1, 2, 3])
      assert.deepEqual(again?.payload, { list: [1] })
      assert.deepEqual(again?.createdAt, instant(0))
    },
  },
  {
    id: 'webhook-events/keep-rejected/quota',
    title: 'rejected deliveries are kept up to the limit, counted per connection and from since on',
    async run(context) {
      const { webhookEvents } = context.repositories
      const { tenantId, id: connectionId } = await givenConnection(context)
      const sibling = await givenConnection(context, { tenantId })
      const rejected = (at: Date, connection = connectionId) => {
        const id = newId()
        const fields = { id, tenantId, connectionId: connection, idempotencyKey: `rejected:${id}`, createdAt: at }
        return newWebhookEvent({ ...fields, status: 'rejected', signatureValid: false, availableAt: null })
      }
      await givenWebhookEvent(context, { tenantId, connectionId, createdAt: instant(100) })
      const quota = { since: instant(100), limit: 2 }
      const kept = rejected(instant(100))
      assert.equal(await webhookEvents.keepRejected(rejected(instant(99)), quota), true)
      assert.equal(await webhookEvents.keepRejected(kept, quota), true)
      assert.equal(await webhookEvents.keepRejected(rejected(instant(101)), quota), true)
      const refused = rejected(instant(102))
      assert.equal(await webhookEvents.keepRejected(refused, quota), false)
      assert.equal(await webhookEvents.find({ scope: operatorScope, id: refused.id }), null)
      sameEvent(await webhookEvents.find({ scope: operatorScope, id: kept.id }), kept)
      assert.equal(await webhookEvents.keepRejected(rejected(instant(102), sibling.id), quota), true)
      assert.equal(await webhookEvents.keepRejected(refused, { since: instant(101), limit: 2 }), true)
    },
  },
  {
    id: 'webhook-events/find/scopes',
    title: 'a delivery is found by its tenant and by an operator, and by nobody else',
    async run(context) {
      const { webhookEvents } = context.repositories
      const stored = await givenWebhookEvent(context)
      const { id } = stored
      sameEvent(await webhookEvents.find({ scope: tenantScope(stored.tenantId), id }), stored)
      sameEvent(await webhookEvents.find({ scope: operatorScope, id }), stored)
      assert.equal(await webhookEvents.find({ scope: tenantScope(await context.newTenantId()), id }), null)
      assert.equal(await webhookEvents.find({ scope: operatorScope, id: newId() }), null)
    },
  },
  {
    id: 'webhook-events/all/exact-tenant',
    title: 'tenant ids that look alike do not see or change the deliveries of each other',
    needs: ['exactTenants'],
    async run(context) {
      const { webhookEvents } = context.repositories
      const provider = `code.${newId()}`
      const stored = []
      for (const tenantId of context.exactTenants) stored.push(await givenWebhookEvent(context, { tenantId, provider }))
      for (const mine of stored) {
        const scope = tenantScope(mine.tenantId)
        const { items } = await webhookEvents.list({ scope, filter: { provider }, limit: 10 })
        assert.deepEqual(
          items.map(({ id }) => id),
          [mine.id],
        )
        for (const theirs of stored.filter((other) => other !== mine)) {
          assert.equal(await webhookEvents.find({ scope, id: theirs.id }), null)
          const ref = { tenantId: mine.tenantId, id: theirs.id }
          assert.equal(await webhookEvents.claim(ref, { at: instant(5), leaseMs: 1, handled: 'all' }), null)
          await webhookEvents.markUnhandled(ref)
          const end = { attempt: 0, at: instant(5), error: 'foreign', errorKind: 'handler' } as const
          await rejectsWith('CLAIM_LOST', () => webhookEvents.complete(ref, end))
          await rejectsWith('CLAIM_LOST', () => webhookEvents.deadLetter(ref, end))
        }
      }
      for (const event of stored) sameEvent(await webhookEvents.find({ scope: operatorScope, id: event.id }), event)
    },
  },
  {
    id: 'webhook-events/list/key-and-signature',
    title: 'deliveries are found by their key, to the letter, and by whether their signature was valid',
    async run(context) {
      const { webhookEvents } = context.repositories
      const mine = await givenWebhookEvent(context, { idempotencyKey: 'evt_a' })
      const { tenantId } = mine
      const shouted = await givenWebhookEvent(context, { tenantId, idempotencyKey: 'EVT_A' })
      const forged = await givenWebhookEvent(context, { tenantId, idempotencyKey: 'evt_b', signatureValid: false })
      const listed = async (filter: Parameters<typeof webhookEvents.list>[0]['filter']) =>
        (await webhookEvents.list({ scope: tenantScope(tenantId), filter, limit: 10 })).items.map(({ id }) => id)
      assert.deepEqual(await listed({ idempotencyKey: 'evt_a' }), [mine.id])
      assert.deepEqual(await listed({ signatureValid: false }), [forged.id])
      assert.deepEqual(await listed({ signatureValid: true }), [shouted.id, mine.id])
    },
  },
  {
    id: 'webhook-events/list/filters',
    title: 'connection, provider, type and status narrow the list; a tenant sees its own deliveries only',
    async run(context) {
      const first = await givenWebhookEvent(context)
      const { tenantId, connectionId } = first
      const second = await givenWebhookEvent(context, { tenantId, provider: 'shop.woocommerce' })
      const third = await givenWebhookEvent(context, { tenantId, connectionId, eventType: 'push', status: 'processed' })
      const shouted = await givenWebhookEvent(context, { tenantId, eventType: 'PUSH', status: 'dead' })
      const foreign = await givenWebhookEvent(context)
      const { webhookEvents } = context.repositories
      const listed = async (query: Pick<Parameters<typeof webhookEvents.list>[0], 'scope' | 'filter'>) =>
        (await webhookEvents.list({ ...query, limit: 10 })).items.map(({ id }) => id)
      const scope = tenantScope(tenantId)
      assert.deepEqual(await listed({ scope, filter: {} }), [shouted.id, third.id, second.id, first.id])
      assert.deepEqual(await listed({ scope, filter: { connectionId } }), [third.id, first.id])
      assert.deepEqual(await listed({ scope, filter: { provider: 'shop.woocommerce' } }), [second.id])
      assert.deepEqual(await listed({ scope, filter: { eventType: 'push' } }), [third.id])
      assert.deepEqual(await listed({ scope, filter: { status: 'received' } }), [second.id, first.id])
      assert.deepEqual(await listed({ scope, filter: { connectionId, status: 'received' } }), [first.id])
      const theirs = { connectionId: foreign.connectionId }
      assert.deepEqual(await listed({ scope, filter: theirs }), [])
      assert.deepEqual(await listed({ scope: operatorScope, filter: theirs }), [foreign.id])
    },
  },
  {
    id: 'webhook-events/list/stable-paging',
    title: 'pages start with the newest; a delivery that arrives meanwhile neither repeats nor hides another',
    async run(context) {
      const { webhookEvents } = context.repositories
      const { tenantId, connectionId, id } = await givenWebhookEvent(context)
      const ids = [id]
      while (ids.length < 5) ids.unshift((await givenWebhookEvent(context, { tenantId, connectionId })).id)
      const pages = await walkPages(
        (request) => webhookEvents.list({ scope: tenantScope(tenantId), filter: {}, ...request }),
        2,
        async () => {
          await givenWebhookEvent(context, { tenantId, connectionId })
        },
      )
      assert.deepEqual(pages, [ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)])
    },
  },
]
