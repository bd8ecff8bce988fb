import assert from 'node:assert/strict'
import { operatorScope, type TenantId } from '../../core/domain/tenant.ts'
import type { WebhookEventRef } from '../../core/ports/webhook-event-repository.ts'
import { instant } from '../instant.ts'
import { givenWebhookEvent } from './given-webhook-event.ts'
import type { RepositoryContractCase, RepositoryContractContext } from './repository-contract-case.ts'

// `due` looks at all tenants: long before anything else waits, and ended at the end of the case.
const waitingSince = (ms: number) => instant(-1_100_000_000_000 + ms)

/** Deliveries of one tenant, in the order in which they wait. */
async function givenWaiting<T extends TenantId, Tx>(
  context: RepositoryContractContext<T, Tx>,
  count: number,
  fromMs: number,
): Promise<readonly WebhookEventRef<T>[]> {
  const given = (index: number, owner: { readonly tenantId?: T; readonly connectionId?: string }) =>
    // Each status is a query of its own somewhere.
    givenWebhookEvent(context, {
      ...owner,
      availableAt: waitingSince(fromMs + index),
      status: index % 2 === 0 ? 'received' : 'failed',
    })
  const { tenantId, connectionId, ...first } = await given(0, {})
  const events = [{ ...first, tenantId }]
  for (let index = 1; index < count; index += 1) events.push(await given(index, { tenantId, connectionId }))
  return events
}

/** Who comes first among the deliveries of many tenants. */
export const fairDeliveryCases: readonly RepositoryContractCase[] = [
  {
    id: 'webhook-events/due/fair',
    title:
      'a tenant with many due deliveries holds up nobody: it gets its share first, and the rest when nobody else waits',
    async run(context) {
      const { webhookEvents } = context.repositories
      const many = await givenWaiting(context, 30, 0)
      const few = await givenWaiting(context, 3, 100)
      const one = await givenWaiting(context, 1, 200)
      const due = async (limit: number, perTenant: number) => {
        const query = { scope: operatorScope, at: waitingSince(1_000), clockSkewMs: 0, handled: 'all' } as const
        return (await webhookEvents.due({ ...query, limit, perTenant })).map(({ id }) => id)
      }
      const named = (events: typeof many, from: number, to: number) => events.slice(from, to).map(({ id }) => id)
      try {
        assert.deepEqual(await due(5, 2), [...named(many, 0, 2), ...named(few, 0, 2), ...named(one, 0, 1)])
        assert.deepEqual(await due(4, 10), named(many, 0, 4))
        assert.deepEqual(await due(9, 2), [
          ...named(many, 0, 2),
          ...named(few, 0, 2),
          ...named(one, 0, 1),
          ...named(many, 2, 6),
        ])
      } finally {
        for (const event of [...many, ...few, ...one])
          await webhookEvents.abandon(event, { error: 'over', errorKind: 'skipped' })
      }
    },
  },
]
