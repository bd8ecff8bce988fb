import { ConnectorsError } from '../../core/domain/errors.ts'
import type { TenantId } from '../../core/domain/tenant.ts'
import type { Repositories, RepositorySet } from '../../core/ports/repositories.ts'
import { storableRepositories } from '../kit/storable-repositories.ts'
import { turnQueueOf } from '../kit/turn-queue.ts'
import type {
  ModelNames,
  ModelNamesOf,
  PrismaClientLike,
  PrismaModels,
  TenantIdOf,
  TxOf,
} from './prisma-client-like.ts'
import { prismaConnections } from './prisma-connections.ts'
import { type PrismaDialect, prismaDialect } from './prisma-dialect.ts'
import { prismaExecutionLogs } from './prisma-execution-logs.ts'
import { prismaOAuthStates } from './prisma-oauth-states.ts'
import type { PrismaSession } from './prisma-session.ts'
import { prismaStore } from './prisma-store.ts'
import { prismaSyncStates } from './prisma-sync-states.ts'
import { prismaWebhookEvents } from './prisma-webhook-events.ts'
import { type InsertWebhook, prismaWebhookInserts, webhookColumns } from './prisma-webhook-inserts.ts'
import { rawTable } from './raw-table.ts'
import type { TransactionOperations } from './transaction-operations.ts'

export { singleConnection } from './single-connection.ts'

/** How the Prisma repositories behave. */
export interface PrismaRepositoriesOptions<M extends Partial<ModelNames> = Record<never, string>> {
  /** What the models of the fragment are called on your client, where you renamed them. */
  readonly models?: M
  /** The database, in case the client doesn't tell; default: what the client was generated for. */
  readonly dialect?: PrismaDialect['provider']
  /** How long a verb waits for its turn (SQLite) or its transaction (elsewhere), in milliseconds; default 10,000. */
  readonly maxWaitMs?: number
  /**
   * Whether webhook deliveries that arrive at the same time are inserted by one statement of ours (PostgreSQL); default true.
   * The statement is no operation of the model: an extension of yours that has to see every insert needs `false`.
   */
  readonly insertTogether?: boolean
}

/**
 * Repositories in the database of a Prisma client whose schema contains the shipped fragment.
 * The types of the tenant id and of the transaction handle are the client's own.
 *
 * On SQLite, everything done through one client happens one after another: an open transaction has the file to itself.
 *
 * @throws {ConnectorsError} `INVALID_OPTIONS` for a database that isn't supported, or a model that the client lacks.
 * @example
 * const connectors = createConnectors(prismaRepositories(prisma), options)
 */
export function prismaRepositories<const C extends object, const M extends Partial<ModelNames> = Record<never, string>>(
  prisma: C & PrismaClientLike<ModelNamesOf<M>, TenantIdOf<C, ModelNamesOf<M>>>,
  options: PrismaRepositoriesOptions<M> = {},
): Repositories<TenantIdOf<C, ModelNamesOf<M>>, TxOf<C>> {
  type T = TenantIdOf<C, ModelNamesOf<M>>
  const names: ModelNames = { ...fragmentNames, ...options.models }
  const dialect = prismaDialect(prisma, options.dialect)
  const table = dialect.provider === 'postgresql' ? rawTable(prisma, names.webhookEvent, webhookColumns) : null
  const store = prismaStore<T>(
    {
      client: prisma,
      dialect,
      models: modelsOf(prisma, names),
      modelsOf: (tx) => modelsOf(tx, names),
      begin: (work, limits, around) => watched(prisma, around).$transaction((tx) => work(tx as object), limits),
      nest,
    },
    turnQueueOf(prisma),
    options.maxWaitMs ?? 10_000,
  )
  return {
    ...repositorySet(store.session, (alone) =>
      table === null || options.insertTogether === false ? alone : prismaWebhookInserts(store.session, table, alone),
    ),
    transaction: (work, limits) =>
      // The handle that the client hands out is what TxOf reads from its type.
      store.transaction((session, tx) => work({ repositories: repositorySet(session), tx: tx as TxOf<C> }), limits),
  }
}

const fragmentNames = {
  connection: 'connection',
  syncState: 'syncState',
  webhookEvent: 'webhookEvent',
  executionLog: 'executionLog',
  oauthState: 'oAuthState',
} satisfies ModelNames

function repositorySet<T extends TenantId>(
  session: PrismaSession<T>,
  better?: (alone: InsertWebhook<T>) => InsertWebhook<T>,
): RepositorySet<T> {
  return storableRepositories({
    connections: prismaConnections(session),
    syncStates: prismaSyncStates(session),
    webhookEvents: prismaWebhookEvents(session, better),
    executionLogs: prismaExecutionLogs(session),
    oauthStates: prismaOAuthStates(session),
  })
}

/** The models of a client or transaction handle, under our names. */
function modelsOf<T extends TenantId>(client: object, names: ModelNames): PrismaModels<T> {
  const models = Object.entries(names).map(([key, name]) => {
    const model = (client as Record<string, unknown>)[name]
    if (model === undefined) {
      throw new ConnectorsError(
        'INVALID_OPTIONS',
        `The Prisma client has no model "${name}". Merge the fragment for your database into your schema and run prisma generate, ` +
          `or name your model with models: { ${key}: … }.`,
      )
    }
    return [key, model]
  })
  return Object.fromEntries(models) as PrismaModels<T> // PrismaClientLike asks for just these models
}

/** What Prisma hands to an extension. */
interface ClientOperation {
  readonly operation: string
  readonly args: unknown
  readonly query: (args: unknown) => PromiseLike<unknown>
}

/** The client, with something around every operation; its types only know what such an extension adds to it. */
function watched<C extends object>(client: C, around: TransactionOperations['run']): C {
  const { $extends } = client as { readonly $extends?: (extension: object) => C }
  // A wrapped client may lack it.
  if ($extends === undefined) return client
  const $allOperations = ({ operation, args, query }: ClientOperation) => around(operation, () => query(args))
  return $extends.call(client, { query: { $allOperations } })
}

/** Prisma 7 makes a savepoint of a transaction that is begun on a transaction's handle; its types don't say so. */
function nest<R>(tx: object, work: (tx: object) => Promise<R>): Promise<R> {
  const { $transaction } = tx as { readonly $transaction?: (work: (inner: object) => Promise<R>) => Promise<R> }
  return $transaction === undefined ? work(tx) : $transaction.call(tx, work)
}
