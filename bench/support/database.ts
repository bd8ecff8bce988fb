import { PrismaPg } from '@prisma/adapter-pg'
import { type ConnectorsOptions, createConnectors } from 'bapp-connectors'
import { prismaRepositories } from 'bapp-connectors/prisma'
import pg from 'pg'
import { PrismaClient } from '../../generated/prisma-postgresql/client/client.ts'
import { createPostgresDatabase } from '../../test/support/postgres-database.ts'
import { benchProvider } from './bench-provider.ts'

/** Log lines are no part of what is measured. */
export const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** The secret that deliveries are signed with. */
export const webhookSecret = 'a-secret-of-the-bench-and-of-nothing-else'

const tenantId = 'bench-tenant'

/** A database of its own, with a pool of connections that Prisma and whoever is compared share. */
export async function openDatabase({ max = 16 }: { readonly max?: number } = {}) {
  const database = await createPostgresDatabase('prisma-postgresql', { isDurable: true })
  const pool = new pg.Pool({ connectionString: database.url, max })
  pool.on('error', () => {}) // an idle connection that is lost with its database
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) })
  return {
    url: database.url,
    pool,
    prisma,
    repositories: prismaRepositories(prisma),
    close: async () => {
      await prisma.$disconnect()
      await pool.end()
      await database.drop()
    },
  }
}

/** What a benchmark may want to be different. */
type Options = Omit<
  ConnectorsOptions<
    readonly [typeof benchProvider],
    string,
    Parameters<Parameters<PrismaClient['$transaction']>[0]>[0]
  >,
  'providers' | 'encryption'
>

/** The library over a database, with one connection. */
export async function openLibrary(
  { prisma, repositories }: Pick<Awaited<ReturnType<typeof openDatabase>>, 'prisma' | 'repositories'>,
  {
    options = {},
    settings = { url: 'http://127.0.0.1:9', pages: 1 },
  }: {
    readonly options?: Options
    readonly settings?: { readonly url: string; readonly pages?: number }
  } = {},
) {
  const connectors = createConnectors(repositories, {
    providers: [benchProvider],
    encryption: { keys: [{ id: 'bench', key: Buffer.alloc(32, 7).toString('base64') }] },
    logger: silent,
    http: { allowPrivateNetwork: true },
    ...options,
  })
  await prisma.tenant.upsert({ where: { id: tenantId }, create: { id: tenantId }, update: {} })
  const tenant = connectors.forTenant(tenantId)
  const { id } = await tenant.connections.create(benchProvider, {
    credentials: { token: 'a-token-of-the-bench' },
    settings,
    webhookSecret,
  })
  await tenant.connections.test(id)
  return { connectors, tenant, tenantId, connectionId: id }
}
