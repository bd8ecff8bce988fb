import { expect, test } from 'vitest'
import { shop } from '../support/shop-provider.ts'
import { createShopWorld, shopDelivery } from '../support/shop-world.ts'
import { applicationWith } from './application-with.ts'

/** An application with a dead delivery of each of these types. */
async function withDead(...types: readonly string[]) {
  const world = await createShopWorld()
  const { id } = await world.connect('t1')
  const ids: string[] = []
  for (const [index, type] of types.entries()) {
    const body = JSON.stringify({ type, order: { id: index } })
    const received = await world.connectors.operator.webhooks.receive(
      id,
      shopDelivery(body, { deliveryId: `d${index}` }),
    )
    if (!('event' in received) || received.event === undefined || received.event === null)
      throw new Error(received.status)
    ids.push(received.event.id)
    await world.connectors.operator.webhooks.skip(received.event.id)
  }
  const folder = await applicationWith(() => ({ ...world.connectors, close: async () => {} }))
  const statuses = async () => {
    const all = await world.connectors.operator.webhooks.list().all()
    return all.map(({ status }) => status).toReversed()
  }
  const events = await world.connectors.operator.webhooks.list().all()
  return { folder, ids, connectionId: id, statuses, type: events[0]?.eventType ?? '' }
}

test('webhooks replay makes dead deliveries due, all or those that match', async () => {
  const { folder, statuses, type, connectionId } = await withDead('order.created', 'order.created')
  expect(await folder.run('webhooks replay --app app.mjs --type other')).toMatchObject({
    code: 0,
    stdout: '0 deliveries are due now.\n',
  })
  expect(await folder.run('webhooks replay --app app.mjs --dry-run')).toMatchObject({
    code: 0,
    stdout: '2 deliveries match; nothing is changed.\n',
  })
  expect(await statuses()).toEqual(['dead', 'dead'])
  const outcome = await folder.run(
    `webhooks replay --app app.mjs --status dead --type ${type} --connection ${connectionId} --provider ${shop.name} --json`,
  )
  expect(outcome.code).toBe(0)
  expect(JSON.parse(outcome.stdout)).toEqual({ replayedCount: 2, skippedCount: 0 })
  expect(await statuses()).toEqual(['received', 'received'])
})

test('webhooks replay makes one delivery due that is named', async () => {
  const { folder, ids, statuses } = await withDead('order.created', 'order.created')
  expect(await folder.run(`webhooks replay ${ids[0]} --app app.mjs`)).toMatchObject({
    code: 0,
    stdout: `The delivery ${ids[0]} is due.\n`,
  })
  expect(await statuses()).toEqual(['received', 'dead'])
})

test.each([
  ['--status deda', 2, 'Did you mean dead?'],
  ['--status processed', 2, 'everything ever done'],
  ['an-id --type order.created', 2, 'needs no options'],
  ['an-id', 1, 'WEBHOOK_EVENT_NOT_FOUND'],
])('"webhooks replay %s" ends with %i, and changes nothing', async (args, code, said) => {
  const { folder, statuses } = await withDead('order.created')
  const outcome = await folder.run(`webhooks replay ${args} --app app.mjs`)
  expect(outcome).toMatchObject({ code, stdout: '' })
  expect(outcome.stderr).toContain(said)
  expect(await statuses()).toEqual(['dead'])
})
