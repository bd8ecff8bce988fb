import { randomBytes } from 'node:crypto'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startWooCommerceServer, type WooCommerceServer, wooOrder } from '../../test/support/woocommerce-server.ts'
import type { AppDatabase } from './app-database.ts'
import { type StartedApp, startApp } from './start-app.ts'

/** An application with a database. */
export interface DurableApp {
  /** Its folder. */
  readonly name: string
  /** Whether it is a web process and workers; else it is one process. */
  readonly isFleet: boolean
  readonly open: () => Promise<AppDatabase>
  /** What it needs and isn't there. */
  readonly missing?: string | undefined
}

/** Processes start, jobs are looked for every second, and all of it on a busy machine. */
const patient = { timeout: 20_000, interval: 50 }

/** Starts the application as the processes that it is deployed as. These die, and nothing is lost. */
export function testDurableApp({ name, isFleet, open, missing }: DurableApp): void {
  describe.skipIf(missing !== undefined)(missing === undefined ? name : `${name} (skipped: ${missing})`, () => {
    const running = new Set<StartedApp>()
    let database: AppDatabase
    let environment: Readonly<Record<string, string>>
    let web: StartedApp
    /** The same as `web` where there is one process only. */
    let worker: StartedApp

    const start = async (script: string, env: Readonly<Record<string, string>> = {}) => {
      const started = await startApp(name, { ...environment, ...env }, script)
      running.add(started)
      return started
    }
    const startWorker = async () => {
      worker = await start(isFleet ? 'worker' : 'start')
      if (!isFleet) web = worker
    }

    beforeAll(async () => {
      database = await open()
      const port = String(await freePort())
      const keys = { CONNECTORS_KEY_ID: 'test', CONNECTORS_KEY: randomBytes(32).toString('base64') }
      const urls = { PUBLIC_URL: `http://localhost:${port}`, PORT: port }
      environment = { ...database.env, ...keys, ...urls, NODE_ENV: 'development' }
      if (isFleet) [web] = await Promise.all([start('web'), startWorker()])
      else await startWorker()
    }, 120_000)
    afterAll(async () => {
      for (const started of running) await started.stop()
      await database?.drop()
    })

    const call = async (company: unknown, method: string, path: string, body: unknown = {}) => {
      const headers = { 'x-tenant': String(company), 'content-type': 'application/json' }
      const sent = method === 'GET' ? {} : { body: JSON.stringify(body) }
      const response = await fetch(`${web.origin}${path}`, { method, headers, ...sent })
      const text = await response.text()
      return { status: response.status, body: text === '' ? null : JSON.parse(text) }
    }
    const signUp = async (): Promise<unknown> => (await call('', 'POST', '/api/companies', { name: 'Acme' })).body.id
    const orders = async (company: unknown): Promise<Record<string, string>> => {
      const { body } = await call(company, 'GET', '/api/orders')
      return Object.fromEntries(body.map((order: { number: string; status: string }) => [order.number, order.status]))
    }
    const orderCount = async (company: unknown) => Object.keys(await orders(company)).length
    const openShop = async (count: number) => {
      const shop = await startWooCommerceServer({ orderCount: count })
      onTestFinished(shop.close)
      return shop
    }
    const connect = async (company: unknown, { storeUrl }: WooCommerceServer, consumer_secret = 'cs_acme') =>
      call(company, 'POST', '/api/shops', { store_url: storeUrl, consumer_key: 'ck_acme', consumer_secret })

    test('a company connects its shop: its orders are there, and so is what the shop tells afterwards', async () => {
      const shop = await openShop(3)
      const [acme, globex] = [await signUp(), await signUp()]
      expect(await connect(acme, shop, 'cs_guessed')).toMatchObject({ status: 422, body: { status: 'refused' } })
      shop.keys.set('ck_acme', { secret: 'cs_acme', permissions: 'read' })
      expect(await connect(acme, shop)).toMatchObject({ status: 422, body: { status: 'refused' } })
      shop.keys.set('ck_acme', { secret: 'cs_acme', permissions: 'read_write' })
      const { status, body } = await connect(acme, shop)
      expect(status).toBe(201)
      await expect.poll(() => orders(acme), patient).toEqual({ 1: 'processing', 2: 'processing', 3: 'processing' })

      const tell = (topic: string, id: number, at: string, state: string) =>
        shop.deliver(topic, { ...wooOrder(id, at), status: state })
      expect(await tell('order.updated', 2, '2025-12-31T00:00:00', 'on-hold')).toEqual([200]) // long since outdated
      expect(await tell('order.updated', 3, '2026-02-02T00:00:00', 'completed')).toEqual([200])
      expect(await tell('order.created', 4, '2026-02-03T00:00:00', 'pending')).toEqual([200])
      const told = { 1: 'processing', 2: 'processing', 3: 'completed', 4: 'pending' }
      await expect.poll(() => orders(acme), patient).toEqual(told)
      await expect
        .poll(() => call('', 'GET', '/health'), patient)
        .toMatchObject({ status: 200, body: { isReady: true, webhooks: { dueCount: 0 } } })
      expect(await orders(acme)).toEqual(told)

      expect(await orders(globex)).toEqual({})
      expect(await call(globex, 'POST', `/api/shops/${body.id}/sync`)).toMatchObject({ status: 404 })
      expect(await call(acme, 'POST', `/api/shops/${body.id}/sync`)).toMatchObject({ status: 202 })
      expect(await call(acme, 'POST', '/api/shops')).toMatchObject({ status: 400 })
      expect(await connect(acme, shop, 'no secret of WooCommerce')).toMatchObject({ status: 400 })
    })

    test('a process that is killed in the middle of a sync: another one goes on where it was', async () => {
      const shop = await openShop(250)
      const acme = await signUp()
      const second = holdSecondPage(shop)
      await connect(acme, shop)
      // It is asked for ahead, while the first one is written.
      await second.isAsked
      await expect.poll(() => orderCount(acme), patient).toBe(100)
      await worker.stop()
      second.answer()
      await database.passAnHour()
      const before = shop.requests.length
      await startWorker()
      await expect.poll(() => orderCount(acme), patient).toBe(250)
      const pages = shop.requests.slice(before).filter((request) => request.includes('/orders?'))
      // Not from the beginning.
      expect(pages.filter((request) => !request.includes('modified_after='))).toEqual([])
    })

    test('a process that is told to stop in the middle of a sync ends in good order, and nothing is missing', async () => {
      const shop = await openShop(250)
      const acme = await signUp()
      const second = holdSecondPage(shop)
      await connect(acme, shop)
      await second.isAsked
      const exit = worker.terminate()
      second.answer()
      expect(await exit, worker.output()).toBe(0)
      await startWorker()
      await expect.poll(() => orderCount(acme), patient).toBe(250)
    })

    if (!isFleet) return

    test('a delivery that comes while no worker is there waits for the next one', async () => {
      const shop = await openShop(1)
      const acme = await signUp()
      await connect(acme, shop)
      await expect.poll(() => orderCount(acme), patient).toBe(1)
      await worker.stop()
      expect(await shop.deliver('order.created', wooOrder(2, '2026-02-01T00:00:00'))).toEqual([200])
      expect(await call('', 'GET', '/health')).toMatchObject({ body: { webhooks: { dueCount: 1 } } })
      await startWorker()
      await expect.poll(() => orderCount(acme), patient).toBe(2)
    })

    test('`npm start` is both processes, and ends both', async () => {
      const port = String(await freePort())
      const both = await start('start', { PORT: port })
      await expect.poll(both.output, patient).toMatch(/^working$/m)
      await expect.poll(both.output, patient).toMatch(/^listening/m)
      expect((await fetch(`http://localhost:${port}/health`)).status).toBe(200)
      expect(await both.terminate(), both.output()).toBe(0)
      await expect(fetch(`http://localhost:${port}/health`)).rejects.toThrow('fetch failed')
    })

    test('the web process ends in good order too', async () => {
      expect(await web.terminate(), web.output()).toBe(0)
    })
  })
}

/** Keeps whoever asks for the second page of orders waiting. */
function holdSecondPage(shop: WooCommerceServer) {
  let ask = () => {}
  let answer = () => {}
  const isAsked = new Promise<void>((resolve) => {
    ask = resolve
  })
  const isAnswered = new Promise<void>((resolve) => {
    answer = resolve
  })
  shop.intercept = async ({ url }) => {
    if (!/\/orders\?.*modified_after=/.test(url)) return false
    ask()
    await isAnswered
    return false
  }
  return { isAsked, answer }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, () => resolve()))
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
