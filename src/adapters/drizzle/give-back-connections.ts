import type { DrizzleHandle } from './drizzle-like.ts'

/** A connection of node-postgres, while it is lent out. */
interface LentClientLike {
  query: (...args: unknown[]) => unknown
  readonly release: (error: unknown) => void
}

/** The session of a Drizzle database on a pool of node-postgres. Not in Drizzle's types. */
interface PoolSessionLike extends Pick<DrizzleHandle, 'transaction'> {
  readonly client: { readonly connect: () => Promise<LentClientLike> }
}

/**
 * What opens transactions on a PostgreSQL database so that the pool gets its connection back when `BEGIN` fails. Drizzle
 * keeps it: after a restart of the server, as many failures as the pool has connections let everybody wait for ever.
 */
export function giveBackConnections(db: object): Pick<DrizzleHandle, 'transaction'> {
  // Every PostgreSQL database that is accepted is one on a pool.
  const { session } = db as { readonly session: PoolSessionLike }
  const { client: pool } = session
  const connect = async () => {
    const client = await pool.connect()
    const { query } = client
    // The first statement is the BEGIN, the only one after whose failure Drizzle doesn't release.
    client.query = async (...args) => {
      client.query = query
      try {
        return await Reflect.apply(query, client, args)
      } catch (error) {
        client.release(error)
        throw error
      }
    }
    return client
  }
  // Both look like what they stand for: Drizzle tells a pool by its prototype.
  return Object.create(session, { client: { value: Object.create(pool, { connect: { value: connect } }) } })
}
