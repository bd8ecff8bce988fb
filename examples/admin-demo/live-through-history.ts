import { stripe } from 'bapp-connectors/providers/stripe'
import { woocommerce } from 'bapp-connectors/providers/woocommerce'
import { type DemoConnection, demoAccounts } from './connect-demo-tenants.ts'
import type { DemoClock } from './demo-clock.ts'
import type { DemoConnectors } from './demo-connectors.ts'
import { demoDeliveries } from './demo-deliveries.ts'
import type { DemoProviders } from './demo-providers.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** What the demo has connected, by the part that it plays. */
export type DemoCast = Readonly<Record<keyof Awaited<ReturnType<typeof connectCast>>, DemoConnection>>

/**
 * Lives through the days before now, as fast as it goes: tenants connect, syncs run, providers deliver and fail, a key is
 * revoked, operators act. What it leaves is what the console shows.
 */
export async function liveThroughHistory(
  connectors: DemoConnectors,
  providers: DemoProviders,
  clock: DemoClock,
): Promise<DemoCast> {
  const now = clock.now()
  const ago = (ms: number) => clock.moveTo(new Date(now.getTime() - ms))
  const { operator } = connectors
  const deliver = demoDeliveries(connectors, clock)

  ago(12 * dayMs)
  const cast = await connectCast(connectors, providers)
  const { acmeShop, globexShop, globexBank, initechShop, umbrellaShop, northwindShop, acmeBank, acmeCode } = cast
  for (const [name, { id }] of Object.entries(cast)) if (name !== 'initechCode') await operator.connections.test(id)
  for (const { id } of [acmeShop, northwindShop, umbrellaShop]) {
    await operator.sync.schedule(id, 'orders', { everyMs: hourMs })
  }
  await operator.sync.schedule(globexShop.id, 'products', { everyMs: 6 * hourMs })
  await operator.sync.schedule(acmeBank.id, 'payments', { everyMs: 2 * hourMs })
  await operator.sync.run(acmeCode.id, 'issues')
  // Two that nobody can handle: tried for days, and given up.
  await deliver.shop(umbrellaShop, 'order.deleted', 12)
  await deliver.shop(umbrellaShop, 'order.deleted', 31)
  for (let day = 12; day > 2; day -= 0.5) {
    ago(day * dayMs)
    await operator.webhooks.processDue()
  }

  for (let hour = 24; hour > 0; hour -= 1) {
    ago(hour * hourMs - 90_000)
    providers.woocommerce.now = clock.now()
    const at = clock.now().toISOString().slice(0, 19)
    for (let order = 1; order <= 1 + ((hour * 7) % 5); order += 1) {
      providers.woocommerce.change('orders', 1 + ((hour * 11 + order) % 60), at, { status: 'completed' })
    }
    await operator.sync.runDue()
    for (const shop of [acmeShop, northwindShop, ...(hour > 14 ? [umbrellaShop] : [])]) {
      await deliver.shop(shop, hour % 2 === 0 ? 'order.updated' : 'order.created', 1 + ((hour * 11) % 60))
      await operator.webhooks.processDue()
    }
    if (hour % 3 === 0) await operator.sync.run(northwindShop.id, 'products')
    await operator.sync.run(globexShop.id, 'orders')
    if (hour % 2 === 0) await pay(connectors, cast, providers, hour)
    if (hour % 4 === 1) await busyHour(connectors, acmeShop, hour)
    if (hour === 9) await deliver.shop({ ...acmeShop, webhookSecret: 'somebody else' }, 'order.created', 3)
    if (hour === 7) await revokeKey(connectors, providers, globexBank)
    if (hour === 5) await failingHour(connectors, providers, northwindShop)
  }
  ago(14 * 60_000)
  await deliver.bank(acmeBank, 'payout.paid', { id: 'po_1', object: 'payout', amount: 120_400, currency: 'eur' })
  await deliver.bank(acmeBank, 'charge.dispute.created', {
    id: 'dp_1',
    object: 'dispute',
    amount: 4_900,
    currency: 'eur',
  })
  await operator.webhooks.processDue()
  await operator.connections.disable(umbrellaShop.id, { reason: 'The contract ended; they move to another shop.' })
  const act = { connectionId: umbrellaShop.id, actor: 'mara@example.com', action: 'connections.disable' }
  await operator.executions.record({ ...act, outcome: 'The connection is disabled: nothing is sent any more.' })
  ago(6 * 60_000)
  await operator.connections.pause(initechShop.id, { forMs: 6 * hourMs, reason: 'The shop is being migrated' })
  const pause = { connectionId: initechShop.id, actor: 'theo@example.com', action: 'connections.pause' }
  await operator.executions.record({ ...pause, details: { forMs: 6 * hourMs }, outcome: 'The connection is paused.' })
  ago(2 * 60_000)
  await deliver.shop(acmeShop, 'order.created', 41)
  await deliver.shop(northwindShop, 'order.created', 42)
  clock.moveTo(now)
  return cast
}

async function connectCast(connectors: DemoConnectors, providers: DemoProviders) {
  const { shop, bank, code } = demoAccounts(connectors, providers)
  return {
    acmeShop: await shop('acme', 'Acme Outdoor'),
    acmeBank: await bank('acme', 'Acme Payments'),
    acmeCode: await code('acme', 'Acme engineering'),
    globexShop: await shop('globex', 'Globex Store'),
    globexBank: await bank('globex', 'Globex Payments'),
    initechShop: await shop('initech', 'Initech Supplies'),
    initechCode: await code('initech', 'Initech source code'),
    umbrellaShop: await shop('umbrella', 'Umbrella Retail'),
    umbrellaBank: await bank('umbrella', 'Umbrella Billing'),
    northwindShop: await shop('northwind', 'Northwind Traders'),
  }
}

/** A customer pays. */
async function pay(connectors: DemoConnectors, { acmeBank }: DemoCast, { stripe: bank }: DemoProviders, hour: number) {
  bank.clock = Math.floor(connectors.operator.now().getTime() / 1_000)
  const intent = {
    amount: 1_900 + hour * 100,
    amount_received: 1_900 + hour * 100,
    currency: 'eur',
    status: 'succeeded',
  }
  bank.put('payment_intents', { id: `pi_${hour}`, metadata: {}, ...intent }, 'payment_intent.succeeded')
  const adapter = await connectors.operator.connections.adapter(acmeBank.id, stripe)
  await adapter.getPayments()
}

/** Somebody asks for orders one by one, and for one that is gone. */
async function busyHour(connectors: DemoConnectors, { id }: DemoConnection, hour: number): Promise<void> {
  const adapter = await connectors.operator.connections.adapter(id, woocommerce)
  for (let order = 1; order <= 4 + (hour % 7); order += 1) await adapter.getOrder(String(order))
  await adapter.getOrder('99999').catch(() => {})
}

/** The provider answers with errors for a while. */
async function failingHour(connectors: DemoConnectors, { woocommerce: shop }: DemoProviders, { id }: DemoConnection) {
  shop.intercept = (_request, response) => {
    response.writeHead(422, { 'content-type': 'application/json' })
    response.end('{"code":"woocommerce_rest_invalid_status","message":"The order is being exported."}')
    return true
  }
  const adapter = await connectors.operator.connections.adapter(id, woocommerce)
  for (const order of ['5', '6', '7', '8']) await adapter.getOrder(order).catch(() => {})
  shop.intercept = null
}

/** The provider doesn't accept the key any more: after three refusals the connection is disabled. */
async function revokeKey(connectors: DemoConnectors, { stripe: bank }: DemoProviders, { id, key }: DemoConnection) {
  bank.keys.delete(key)
  for (let refusal = 0; refusal < 3; refusal += 1) await connectors.operator.connections.test(id)
}
