/** What is asked of a client of libSQL. */
export interface LibSqlClientLike {
  readonly execute: (sql: string) => Promise<unknown>
  readonly reconnect: () => unknown
  /** `file` for a local database. */
  readonly protocol: string
}

type Execute = (...args: unknown[]) => Promise<unknown>

/**
 * A client of a local file that does everything on one connection, and gives up on it after a lock.
 * Whoever uses it keeps others out while a transaction is open.
 */
export function overOneConnection<Client extends LibSqlClientLike>(client: Client): Client {
  const run: Execute = (...args) => Reflect.apply(client.execute, client, args)
  let isInTransaction = false
  let isSpoiled = false

  // A connection with a half open statement is good for nothing more, but it must not go while a transaction is on it.
  const renewIfSpoiled = async () => {
    if (!isSpoiled || isInTransaction) return
    isSpoiled = false
    await client.reconnect()
  }
  const execute: Execute = async (...args) => {
    try {
      return await run(...args)
    } catch (error) {
      isSpoiled ||= isLocked(error)
      await renewIfSpoiled()
      throw error
    }
  }

  const transaction = async (mode = 'write') => {
    await execute(beginByMode[mode] ?? 'BEGIN')
    isInTransaction = true
    let isOpen = true

    const inside: Execute = (...args) => {
      // The connection lives on: what comes late must not run outside of the transaction it was meant for.
      if (!isOpen)
        return Promise.reject(Object.assign(new Error('The transaction is closed'), { code: 'TRANSACTION_CLOSED' }))
      return execute(...args)
    }
    const end = async (statement: 'COMMIT' | 'ROLLBACK') => {
      if (!isOpen) return
      isOpen = false
      try {
        await run(statement)
      } catch (error) {
        // Nobody rolls back after a failed commit, and the lock would stay with us.
        isSpoiled = true
        if (statement === 'COMMIT') await run('ROLLBACK').catch(() => {})
        throw error
      } finally {
        isInTransaction = false
        await renewIfSpoiled()
      }
    }
    return {
      execute: inside,
      commit: () => (isOpen ? end('COMMIT') : inside()),
      rollback: () => end('ROLLBACK'),
    }
  }

  return new Proxy(client, {
    get(target, name) {
      if (name === 'execute') return execute
      if (name === 'transaction') return transaction
      const value: unknown = Reflect.get(target, name, target)
      // The client keeps its state in private fields, which are not reachable through a proxy.
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

const beginByMode: Readonly<Record<string, string>> = {
  write: 'BEGIN IMMEDIATE',
  read: 'BEGIN TRANSACTION READONLY',
  deferred: 'BEGIN DEFERRED',
}

function isLocked(error: unknown): boolean {
  const { code } = (error ?? {}) as { readonly code?: unknown }
  return typeof code === 'string' && /^SQLITE_(BUSY|LOCKED)/.test(code)
}
