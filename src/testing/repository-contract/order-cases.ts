import assert from 'node:assert/strict'
import type { HandledTypes } from '../../core/domain/handled-types.ts'
import { operatorScope, type TenantId, tenantScope } from '../../core/domain/tenant.ts'
import type { WebhookEvent } from '../../core/domain/webhook-event.ts'
import { instant } from '../instant.ts'
import { newId } from '../new-id.ts'
import { givenWebhookEvent } from './given-webhook-event.ts'
import { race } from './race.ts'
import type { RepositoryContractCase, RepositoryContractContext } from './repository-contract-case.ts'

const minute = 60_000
const skew = 10_000
const claim = { at: instant(0), leaseMs: minute, perTenant: 1_000, handled: 'all' } as const

/** Stores deliveries about one thing, in this order, and answers what is asked about them. */
async function givenOrder<T extends TenantId, Tx>(
  context: RepositoryContractContext<T, Tx>,
  ...rows: readonly Partial<WebhookEvent<T>>[]
) {
  const { webhookEvents } = context.repositories
  const orderKey = newId()
  const first = await givenWebhookEvent(context, { orderKey, ...rows[0] })
  const { tenantId, connectionId } = first
  const given = (fields: Partial<WebhookEvent<T>>) =>
    givenWebhookEvent(context, { orderKey, ...fields, tenantId, connectionId })
  const stored = [first]
  for (const fields of rows.slice(1)) stored.push(await given(fields))
  return {
    stored,
    given,
    /** The ids of what is due. */
    due: async (limit = 100, handled: HandledTypes = 'all') => {
      const query = {
        scope: tenantScope(tenantId),
        at: instant(minute),
        clockSkewMs: skew,
        perTenant: 1_000,
        limit,
        handled,
      }
      return (await webhookEvents.due(query)).map(({ id }) => id)
    },
    /** Whether the delivery could be claimed. */
    claim: async (index: number, changes: Partial<typeof claim> | { readonly handled: HandledTypes } = {}) => {
      const ref = stored[index]
      assert.ok(ref)
      return (await webhookEvents.claim(ref, { ...claim, ...changes })) !== null
    },
    ref: (index: number) => {
      const ref = stored[index]
      assert.ok(ref)
      return ref
    },
  }
}

/** Deliveries with an order key: one after the other. */
export const orderCases: readonly RepositoryContractCase[] = [
  {
    id: 'webhook-events/order/waits',
    title: 'a delivery waits for an earlier one with its order key until that is processed or dead, then it is due',
    async run(context) {
      const { webhookEvents } = context.repositories
      const { stored, due, claim, ref } = await givenOrder(context, {}, {}, {})
      const [first, second, third] = stored.map(({ id }) => id)
      assert.deepEqual(await due(), [first])
      assert.equal(await claim(1), false)
      assert.equal(await claim(0), true)
      assert.deepEqual(await due(), [])
      assert.equal(await claim(1), false)
      const failure = { error: 'not yet', errorKind: 'handler' } as const
      const retry = { attempt: 1, at: instant(1), availableAt: instant(10 * minute), failureCount: 1, ...failure }
      await webhookEvents.retryLater(ref(0), retry)
      assert.deepEqual(await due(), [])
      assert.equal(await claim(1), false)
      assert.equal(await claim(0), true)
      await webhookEvents.complete(ref(0), { attempt: 2, at: instant(2) })
      assert.deepEqual(await due(), [second])
      assert.equal(await claim(2), false)
      assert.equal(await claim(1), true)
      await webhookEvents.deadLetter(ref(1), { attempt: 1, at: instant(3), ...failure })
      assert.deepEqual(await due(), [third])
      assert.equal(await claim(2), true)
    },
  },
  {
    id: 'webhook-events/order/others',
    title: 'deliveries with other order keys, or with none, wait for nobody',
    async run(context) {
      const { stored, given, due, claim } = await givenOrder(context, { availableAt: instant(1) }, {})
      assert.equal(await claim(0), true)
      for (const orderKey of [newId(), null, null]) stored.push(await given({ orderKey, availableAt: instant(2) }))
      assert.deepEqual(
        await due(),
        stored.slice(2).map(({ id }) => id),
      )
      for (const index of [2, 3, 4]) assert.equal(await claim(index), true)
    },
  },
  {
    id: 'webhook-events/order/unhandled',
    title: 'what waits and is of a type that nobody handles holds up nothing; what was begun does, whatever its type',
    async run(context) {
      const { stored, due, claim } = await givenOrder(
        context,
        { eventType: 'issues.viewed' },
        { eventType: 'ISSUES.opened', status: 'unhandled' },
        { eventType: 'issueXopened', status: 'unhandled' },
        { eventType: 'issues.opened', status: 'unhandled' },
        { eventType: 'issues.closed' },
      )
      const handled = { types: ['issues.opened', 'issues.closed'], groups: ['issue_'] } as const
      assert.deepEqual(await due(10, handled), [stored[3]?.id])
      assert.equal(await claim(4, { handled }), false)
      assert.equal(await claim(3, { handled }), true)
      assert.equal(await claim(0, { handled: { types: ['issues.viewed'], groups: [] } }), false)
    },
  },
  {
    id: 'webhook-events/order/later-one-begun',
    title: 'an earlier delivery that turns up again waits until a later one that was begun has ended',
    async run(context) {
      const { webhookEvents } = context.repositories
      const { due, claim, ref } = await givenOrder(context, { status: 'dead', attempts: 9 }, {}, {})
      assert.equal(await claim(1), true)
      assert.equal(await claim(0), false)
      await webhookEvents.complete(ref(1), { attempt: 1, at: instant(1) })
      assert.equal(await claim(0), true)
      assert.equal(await claim(2), false)
      assert.deepEqual(await due(), [])
    },
  },
  {
    id: 'webhook-events/order/crashed',
    title:
      'what a crash left behind is due whatever else waits with its order key, and holds all of it until it is ended',
    async run(context) {
      const crashed = { status: 'processing', attempts: 1, claimExpiresAt: instant(-skew - 1) } as const
      const { stored, due, claim, ref } = await givenOrder(context, {}, crashed, {})
      assert.deepEqual(await due(), [stored[1]?.id])
      for (const index of [0, 1, 2]) assert.equal(await claim(index), false)
      const failure = { failureCount: 1, error: 'gone', errorKind: 'crashed', availableAt: instant(2) } as const
      await context.repositories.webhookEvents.retryLater(ref(1), { attempt: 1, at: instant(1), ...failure })
      assert.deepEqual(await due(), [stored[0]?.id])
      assert.equal(await claim(2), false)
      assert.equal(await claim(0), true)
    },
  },
  {
    id: 'webhook-events/order/one-winner',
    title: 'of 16 concurrent claims on 16 deliveries with one order key exactly one wins',
    needs: ['parallel'],
    async run(context) {
      const rows = Array.from({ length: 16 }, () => ({ status: 'dead', attempts: 1 }) as const)
      const { claim, stored } = await givenOrder(context, ...rows)
      const outcomes = await race(16, (index) => claim(index))
      assert.equal(outcomes.filter(Boolean).length, 1)
      const { items } = await context.repositories.webhookEvents.list({
        scope: operatorScope,
        filter: { connectionId: stored[0]?.connectionId ?? '', status: 'processing' },
        limit: 20,
      })
      assert.equal(items.length, 1)
    },
  },
  {
    id: 'webhook-events/order/not-in-the-way',
    title: 'however many wait for others, what waits for nobody is due; one delivery of each order key',
    async run(context) {
      const at = instant(1)
      const { stored, given, due } = await givenOrder(context, {
        status: 'failed',
        attempts: 1,
        availableAt: instant(10 * minute),
      })
      for (let index = 0; index < 25; index += 1) await given({ availableAt: at })
      const free: string[] = []
      for (const orderKey of [null, newId(), newId(), null]) {
        const { id } = await given({ orderKey, availableAt: instant(2) })
        free.push(id)
        if (orderKey !== null) await given({ orderKey, availableAt: instant(2), status: 'unhandled' })
      }
      assert.equal(stored.length, 1)
      assert.deepEqual(await due(2), free.slice(0, 2))
      assert.deepEqual(await due(3), free.slice(0, 3))
      assert.deepEqual(await due(100), free)
    },
  },
]
