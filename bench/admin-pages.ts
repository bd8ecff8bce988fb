import { PrismaPg } from '@prisma/adapter-pg'
import { createConnectors } from 'bapp-connectors'
import { createAdmin } from 'bapp-connectors/admin'
import { prismaRepositories } from 'bapp-connectors/prisma'
import { signWebhook } from 'bapp-connectors/testing'
import pg from 'pg'
import { PrismaClient } from '../generated/prisma-postgresql/client/client.ts'
import { createPostgresDatabase } from '../test/support/postgres-database.ts'
import { postgresServer } from '../test/support/postgres-server.ts'
import { shop } from '../test/support/shop-provider.ts'
import { startShopServer } from '../test/support/shop-server.ts'
import { counts, fillAdminDatabase } from './support/fill-admin-database.ts'
import { quantile } from './support/statistics.ts'

/**
 * Measures how long each page of the console takes at a million calls on PostgreSQL: the first time, and then. The target is a
 * 95th percentile below 300 ms.
 */
const repetitions = 40
const targetMs = 300
const server = await postgresServer()
process.env.TEST_POSTGRES_URL = server.url
const database = await createPostgresDatabase()
const pool = new pg.Pool({ connectionString: database.url, max: 10 })
pool.on('error', () => {}) // an idle connection that is lost with its database
const prisma = new PrismaClient({ adapter: new PrismaPg(pool) })
const provider = await startShopServer({ orderCount: 3 })
const silent = () => {}
const connectors = createConnectors(prismaRepositories(prisma), {
  providers: [shop],
  encryption: { keys: [{ id: 'bench', key: Buffer.alloc(32, 1).toString('base64') }] },
  http: { allowPrivateNetwork: true },
  logger: { debug: silent, info: silent, warn: silent, error: silent },
  handlers: { 'shop.orders': async () => {} },
})

const tenantId = 'bench'
const webhookSecret = 'of-the-bench'
await prisma.tenant.create({ data: { id: tenantId } })
const tenant = connectors.forTenant(tenantId)
const { id } = await tenant.connections.create(shop, {
  credentials: { token: 'token-of-acme' },
  settings: { url: provider.url },
  webhookSecret,
})
await tenant.connections.test(id)
await tenant.sync.run(id, 'orders')
const rawBody = Buffer.from('{"type":"order.created","orderId":"7"}')
const scheme = { kind: 'hmac', algorithm: 'sha256', encoding: 'hex', header: 'x-shop-signature', prefix: '' } as const
const headers = signWebhook(scheme, { rawBody, secret: webhookSecret, now: new Date() })
await tenant.webhooks.receive(id, { headers, body: rawBody })
await tenant.executions.list().all()
console.log(`Making ${counts.calls.toLocaleString('en')} calls and what belongs to them …`)
await fillAdminDatabase(pool, { id, tenantId })

const admin = createAdmin(connectors, { authorize: () => ({ actor: 'bench', tenants: 'all', level: 'manage' }) })
const some = (await connectors.operator.connections.list().page({ limit: 10 })).items[6]
const dead = (await connectors.operator.webhooks.list({ status: 'dead' }).page({ limit: 1 })).items[0]
const paths = [
  '',
  '?tenant=tenant-5',
  '/connections',
  '/connections?text=Account+99',
  '/connections?enabled=no',
  `/connections/${some?.id}`,
  '/syncs',
  '/syncs?status=failed',
  '/webhooks',
  '/webhooks?status=dead',
  `/webhooks/${dead?.id}`,
  '/calls',
  '/calls?text=nothing-has-this',
  '/calls?text=nothing-has-this&span=7d',
  '/calls?status=failed',
  '/calls?status=4xx&span=7d',
  `/calls?connection=${some?.id}&span=7d`,
  '/activity',
  '/catalog',
]
const rows: Record<string, object> = {}
let missed = 0
for (const path of paths) {
  const times: number[] = []
  for (let count = 0; count <= repetitions; count += 1) {
    const startedAt = performance.now()
    const response = await admin(new Request(`http://console.test/admin${path}`))
    await response.text()
    times.push(performance.now() - startedAt)
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}`)
  }
  const [first = Number.NaN, ...rest] = times
  const p95 = quantile(rest, 0.95)
  if (p95 > targetMs) missed += 1
  const page = path.replace(/[0-9a-f-]{36}/, ':id')
  rows[`/admin${page}`] = {
    'first ms': Math.round(first),
    'median ms': Math.round(quantile(rest, 0.5)),
    'p95 ms': Math.round(p95),
  }
}
console.table(rows)
console.log(missed === 0 ? `Every page is below ${targetMs} ms.` : `${missed} pages are above ${targetMs} ms.`)
await connectors.close()
await provider.close()
await prisma.$disconnect()
await pool.end()
await database.drop()
await server.stop()
process.exitCode = missed === 0 ? 0 : 1
