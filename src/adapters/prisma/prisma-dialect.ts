import { ConnectorsError } from '../../core/domain/errors.ts'

/** What the verbs have to know about a database. */
export interface PrismaDialect {
  /** Prisma's name of the database. */
  readonly provider: 'sqlite' | 'postgresql' | 'mysql'
  /** One writer at a time for the whole database: everything stands in one queue and begins as a writer. */
  readonly hasOneWriter: boolean
  /** A write answers its row in the same statement (`RETURNING`), and an insert can give way (`ON CONFLICT`). */
  readonly hasReturning: boolean
  /** An insert may be told to skip rows whose key is taken. */
  readonly skipsDuplicates: boolean
  /** `=` on text is exact; if not, the collation takes `t1` for `T1`, and `t1` for `t1 ` with its blank. */
  readonly comparesExactly: boolean
  /** Tells the server to end a transaction whose client is silent for so long, where it can be told; in milliseconds. */
  readonly limitTransaction: ((ms: number) => string) | null
  /**
   * How a transaction dies under work that caught the error of a statement and went on: `never`; `refusing` everything
   * but its end, where COMMIT quietly rolls back; or `silent`, and what follows is committed one by one.
   */
  readonly diesOfErrors: 'never' | 'refusing' | 'silent'
}

const dialects: { readonly [P in PrismaDialect['provider']]: PrismaDialect } = {
  sqlite: {
    provider: 'sqlite',
    hasOneWriter: true,
    hasReturning: true,
    skipsDuplicates: false,
    comparesExactly: true,
    limitTransaction: null,
    diesOfErrors: 'never',
  },
  postgresql: {
    provider: 'postgresql',
    hasOneWriter: false,
    hasReturning: true,
    skipsDuplicates: true,
    comparesExactly: true,
    limitTransaction: (ms) =>
      `select set_config('statement_timeout', '${ms}', true), set_config('idle_in_transaction_session_timeout', '${ms}', true)`,
    diesOfErrors: 'refusing',
  },
  mysql: {
    provider: 'mysql',
    hasOneWriter: false,
    hasReturning: false,
    // `INSERT IGNORE` would also swallow text that is too long and foreign keys that lead nowhere.
    skipsDuplicates: false,
    comparesExactly: false,
    // MySQL has no such limit, and takes for a comment what MariaDB runs from version 10.3 on.
    limitTransaction: (ms) => {
      const seconds = Math.min(Math.ceil(ms / 1_000), 31_536_000)
      return `SET @connectors_limit = ${seconds} /*M!100300 , SESSION idle_transaction_timeout = ${seconds} */`
    },
    // Of a deadlock, that is: everything else only undoes its statement.
    diesOfErrors: 'silent',
  },
}

/**
 * The dialect of a Prisma client.
 *
 * @throws {ConnectorsError} `INVALID_OPTIONS` for a database that isn't supported, or a client that doesn't tell.
 */
export function prismaDialect(client: object, option: PrismaDialect['provider'] | undefined): PrismaDialect {
  // Prisma has no public way to ask; the client keeps the provider it was generated for here.
  const provider = option ?? (client as { readonly _activeProvider?: unknown })._activeProvider
  const known = Object.values(dialects).find((dialect) => dialect.provider === provider)
  if (known !== undefined) return known
  const supported = Object.keys(dialects).join(', ')
  throw new ConnectorsError(
    'INVALID_OPTIONS',
    provider === undefined
      ? `The Prisma client doesn't tell its database; name it with the option dialect: ${supported}.`
      : `prismaRepositories doesn't support ${String(provider)}; it supports ${supported}.`,
  )
}
