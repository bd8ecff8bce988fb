import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AdminOptions, createAdmin } from 'bapp-connectors/admin'
import { toNodeHandler } from 'bapp-connectors/http'
import { createSqliteDatabase, openSqliteDatabase } from '../../test/support/sqlite-database.ts'
import { demoTenants } from './connect-demo-tenants.ts'
import { createDemoClock } from './demo-clock.ts'
import { createDemoConnectors } from './demo-connectors.ts'
import { startDemoProviders } from './demo-providers.ts'
import { liveThroughHistory } from './live-through-history.ts'

/** Whoever reaches the loopback address may do everything: it is a demo. */
const anybody: AdminOptions<string>['authorize'] = () => ({ actor: 'you@example.com', tenants: 'all', level: 'manage' })

/**
 * Starts the console on a free loopback port, over a SQLite file with a history.
 *
 * @param authorize - who may do what; default: anybody may do everything.
 */
export async function startAdminDemo(authorize: AdminOptions<string>['authorize'] = anybody) {
  const folder = await mkdtemp(join(tmpdir(), 'bapp-connectors-admin-'))
  const file = join(folder, 'application.db')
  await createSqliteDatabase(file)
  const prisma = openSqliteDatabase(file)
  for (const id of demoTenants) await prisma.tenant.create({ data: { id, name: id } })
  const providers = await startDemoProviders()
  const encryptionKey = randomBytes(32).toString('base64')
  const clock = createDemoClock()
  const closedBooks = new Set(['umbrella'])
  const connectors = createDemoConnectors(prisma, { encryptionKey, clock, closedBooks })
  const cast = await liveThroughHistory(connectors, providers, clock)
  const errors: unknown[] = []
  const admin = createAdmin(connectors, { authorize, onError: (error) => errors.push(error) })
  const server = createServer(toNodeHandler(admin)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A server that listens on TCP has such an address.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/admin`,
    connectors,
    providers,
    cast,
    /** The tenants whose webhooks about removed orders fail; may be changed. */
    closedBooks,
    /** Everything that no page may show. */
    secrets: [encryptionKey, ...Object.values(cast).flatMap(({ secrets }) => secrets)],
    /** What went wrong while pages were made. */
    errors,
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await connectors.close()
      await prisma.$disconnect()
      await providers.close()
      await rm(folder, { recursive: true })
    },
  }
}
