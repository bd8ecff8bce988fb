import { type LibSqlClientLike, overOneConnection } from '../kit/over-one-connection.ts'

/** What is asked of `PrismaLibSql`: it makes its client when Prisma connects. */
export interface LibSqlFactoryLike<Config, Client extends LibSqlClientLike> {
  createClient: (config: Config) => Client
}

/**
 * Makes a `PrismaLibSql` on a local file do everything on one connection. Left alone, its client opens a connection for
 * every transaction and never closes it (two file handles each), and a statement that found the file
 * locked stays half open, so that the next commit on its connection fails and the lock is never given back.
 *
 * @returns the same factory
 * @example
 * new PrismaClient({ adapter: singleConnection(new PrismaLibSql({ url: 'file:app.db', timeout: 5_000 })) })
 */
export function singleConnection<Config, Client extends LibSqlClientLike, F extends LibSqlFactoryLike<Config, Client>>(
  factory: F & LibSqlFactoryLike<Config, Client>,
): F {
  const createClient = factory.createClient.bind(factory)
  factory.createClient = (config) => {
    const client = createClient(config)
    // A remote database has no connection to keep.
    return client.protocol === 'file' ? overOneConnection(client) : client
  }
  return factory
}
