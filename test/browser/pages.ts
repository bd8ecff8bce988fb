import type { ConsoleWorld } from './describe-console.ts'

/** One of every kind of page, by its name. */
export async function everyPage({ cast, connectors }: Pick<ConsoleWorld, 'cast' | 'connectors'>) {
  const { items } = await connectors.operator.webhooks.list({ status: 'dead' }).page({ limit: 1 })
  return {
    overview: '',
    connections: '/connections',
    connection: `/connections/${cast.acmeShop.id}`,
    'disabled-connection': `/connections/${cast.umbrellaShop.id}`,
    syncs: '/syncs',
    webhooks: '/webhooks',
    webhook: `/webhooks/${items[0]?.id}`,
    calls: '/calls',
    activity: '/activity',
    catalog: '/catalog',
    'nothing-found': '/connections?text=nothing',
    'not-found': `/connections/${'0'.repeat(32)}`,
    'no-such-page': '/nowhere',
  }
}
