import { PrismaMariaDb } from '@prisma/adapter-mariadb'

/** Where a MariaDB or MySQL server for tests is, or why there is none. */
export type MysqlServer =
  | { readonly isThere: true; readonly url: string }
  | { readonly isThere: false; readonly reason: string }

const localDefault = 'mysql://root@127.0.0.1:3306/mysql'

/** The server named by TEST_MYSQL_URL, else the one on this machine. There is none to install from a registry. */
export async function mysqlServer(): Promise<MysqlServer> {
  const named = process.env.TEST_MYSQL_URL
  if (named !== undefined && named !== '') return { isThere: true, url: named }
  if (await canLogIn(localDefault)) return { isThere: true, url: localDefault }
  return {
    isThere: false,
    reason: `no MariaDB or MySQL server: set TEST_MYSQL_URL, or start one that lets ${localDefault} in`,
  }
}

async function canLogIn(url: string): Promise<boolean> {
  const adapter = await new PrismaMariaDb(`${url}?acquireTimeout=2000&connectTimeout=1000`).connect()
  try {
    await adapter.queryRaw({ sql: 'SELECT 1', args: [], argTypes: [] })
    return true
  } catch {
    return false
  } finally {
    await adapter.dispose()
  }
}
