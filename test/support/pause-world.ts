import type { ServerResponse } from 'node:http'
import { expect } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { shop } from './shop-provider.ts'
import { createShopWorld, createShopWorldOver } from './shop-world.ts'

/** In milliseconds. */
export const minute = 60_000

/** For failures that are expected. */
export const ignore = () => {}
const handlers = { 'shop.orders': async () => {} }

type World = Awaited<ReturnType<typeof createShopWorld>>

/** Answers every request with a status until it is taken back. */
export function answering({ server }: Pick<World, 'server'>, status: number, headers: Record<string, string> = {}) {
  server.intercept = (_request, response) => {
    response.writeHead(status, headers).end('{"message":"later"}')
    return true
  }
}

/** Keeps requests until they are answered one by one. */
export function holding({ server }: Pick<World, 'server'>) {
  const waiting: ((status: number) => void)[] = []
  server.intercept = (_request, response: ServerResponse) =>
    new Promise<boolean>((resolve) => {
      waiting.push((status) => {
        if (status !== 200) response.writeHead(status).end('{"message":"later"}')
        resolve(status !== 200)
      })
    })
  return {
    until: (count: number) => expect.poll(() => waiting.length).toBe(count),
    answer: (index: number, status: number) => waiting[index]?.(status),
  }
}

/** A tenant, its connection, and the adapter of that. */
export async function use<W extends World>(world: W, connectionId?: string) {
  const { id } = connectionId === undefined ? await world.connect('acme') : { id: connectionId }
  const tenant = world.connectors.forTenant('acme')
  return { ...world, id, tenant, adapter: await tenant.connections.adapter(id, shop) }
}

/** A connection in a world of its own. */
export async function connected(options?: Parameters<typeof createShopWorld>[0]) {
  return use(await createShopWorld({ orderCount: 3, handlers, ...options }))
}

/** Two processes over one store, with clocks that show the same time, both talking to the shop of the first. */
export async function twoProcesses(options: Parameters<typeof createShopWorldOver>[1] = {}) {
  const repositories = memoryRepositories<string>()
  const first = await createShopWorldOver(repositories, { orderCount: 3, handlers, ...options })
  const second = await createShopWorldOver(repositories, { handlers, ...options, clock: first.clock })
  const here = await use(first)
  return { repositories, here, there: await use(second, here.id), clock: first.clock, server: first.server }
}

/** Calls that fail, one after the other. */
export async function failTimes(adapter: { ping(): Promise<unknown> }, count: number) {
  for (let call = 0; call < count; call += 1) await adapter.ping().catch(ignore)
}

/** Two processes, and a pause that has just ended. */
export async function afterPause() {
  const both = await twoProcesses({ pause: { afterFailures: 1, baseMs: minute, maxMs: minute } })
  answering(both, 503)
  await failTimes(both.here.adapter, 1)
  await both.clock.advance(minute)
  both.server.intercept = null
  return both
}
