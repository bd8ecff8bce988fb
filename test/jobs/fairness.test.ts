import { expect, onTestFinished, test } from 'vitest'
import { createShopWorld, shopDelivery } from '../support/shop-world.ts'

/** What waits of the tenant with much of it. */
const manyCount = Number(process.env.JOBS_FAIRNESS ?? 200)
const fewCount = 5

type World = Awaited<ReturnType<typeof createShopWorld>>

/** Works until all has ended; answers whose jobs ended, in that order. */
async function endedTenants({ connectors }: World, count: number) {
  const ended: unknown[] = []
  await new Promise<void>((resolve) => {
    const worker = connectors.work({
      prune: false,
      onJob: ({ data, status }) => {
        if (status === 'done') ended.push(data.tenant)
        if (ended.length === count) resolve()
      },
    })
    onTestFinished(() => worker.drain({ timeoutMs: 1 }))
  })
  return ended
}

test(`of ${manyCount} due syncs of a tenant and ${fewCount} of another, those ${fewCount} end within the first tenth`, async () => {
  const world = await createShopWorld({ orderCount: 1, handlers: { 'shop.orders': async () => {} } })
  const request = async (tenantId: string, count: number) => {
    for (let index = 0; index < count; index += 1) {
      const { id } = await world.connect(tenantId)
      await world.connectors.forTenant(tenantId).sync.request(id, 'orders')
    }
  }
  await request('many', manyCount)
  // They came last.
  await world.clock.advance(60_000)
  await request('few', fewCount)
  const ended = await endedTenants(world, manyCount + fewCount)
  expect(ended.lastIndexOf('few')).toBeLessThan((manyCount + fewCount) / 10)
})

test(`of ${manyCount} deliveries of a tenant and ${fewCount} of another, those ${fewCount} end within the first tenth`, async () => {
  const world = await createShopWorld({ webhooks: { concurrency: 10 } })
  world.connectors.webhooks.handle('order.created', async () => {})
  const receive = async (tenantId: string, count: number) => {
    const { id } = await world.connect(tenantId)
    for (let index = 0; index < count; index += 1) {
      const delivery = shopDelivery(`{"type":"order.created","orderId":"${index}"}`, { deliveryId: `d${index}` })
      await world.connectors.operator.webhooks.receive(id, delivery)
    }
  }
  await receive('many', manyCount)
  await world.clock.advance(60_000)
  await receive('few', fewCount)
  const ended = await endedTenants(world, manyCount + fewCount)
  expect(ended.lastIndexOf('few')).toBeLessThan((manyCount + fewCount) / 10)
})
