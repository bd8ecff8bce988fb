import type { TenantId } from '../../core/domain/tenant.ts'
import type { Repositories } from '../../core/ports/repositories.ts'

/**
 * What a case needs beyond the ports:
 * `parallel` = calls really run at the same time; `handle` = {@link TransactionHandleProbe};
 * `exactTenants` = tenant ids that a sloppy comparison takes for one; `losingCommitAnswers` = a line that loses them.
 */
export type RepositoryContractNeed = 'parallel' | 'handle' | 'exactTenants' | 'losingCommitAnswers'

/** What `transaction` does inside the work of another one: refuse with `INSIDE_TRANSACTION`, or run behind a savepoint. */
export type NestedTransactions = 'refused' | 'savepoint'

/** Writes and looks at data of the user's, to prove that it commits and rolls back together with ours. */
export interface TransactionHandleProbe<Tx> {
  /** Writes something under this key through the transaction's handle. */
  readonly write: (tx: Tx, key: string) => Promise<void>
  /** Whether something committed is stored under this key. Called only while no transaction is open. */
  readonly exists: (key: string) => Promise<boolean>
}

/** What a case is run with. */
export interface RepositoryContractContext<T extends TenantId, Tx> {
  readonly repositories: Repositories<T, Tx>
  /** A tenant that nobody has used before. */
  readonly newTenantId: () => Promise<T>
  readonly nestedTransactions: NestedTransactions
  /** Present if the case needs `handle`. */
  readonly handle: TransactionHandleProbe<Tx> | undefined
  /** Two or more if the case needs `exactTenants`. */
  readonly exactTenants: readonly T[]
  /** Present if the case needs it: the same store, through a line that loses every answer to a COMMIT. */
  readonly losingCommitAnswers: (() => Promise<Repositories<T, Tx>>) | undefined
}

/** One guarantee of the repository ports, as a check that any runner can run. */
export interface RepositoryContractCase {
  /** Stable: `<repository>/<verb>/<guarantee>`. */
  readonly id: string
  /** The guarantee as a plain sentence. */
  readonly title: string
  readonly needs?: readonly RepositoryContractNeed[]
  /** Rejects if the guarantee is broken: with an `AssertionError`, or with what the store refused. */
  readonly run: <T extends TenantId, Tx>(context: RepositoryContractContext<T, Tx>) => Promise<void>
}
