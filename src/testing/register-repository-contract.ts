import type { TenantId } from '../core/domain/tenant.ts'
import type { Repositories } from '../core/ports/repositories.ts'
import { type ContractRunner, type ContractSelection, registerContract } from './register-contract.ts'
import type {
  NestedTransactions,
  RepositoryContractCase,
  RepositoryContractContext,
  RepositoryContractNeed,
  TransactionHandleProbe,
} from './repository-contract/repository-contract-case.ts'
import { repositoryContract } from './repository-contract.ts'

/** A store under test, and the facts about it. */
export interface RepositoryContractHarness<T extends TenantId, Tx> {
  readonly repositories: Repositories<T, Tx>
  /** Makes a tenant that nobody has used before (its row too, if your connections refer to one). */
  readonly newTenantId: () => T | Promise<T>
  readonly traits: {
    /** `parallel` if calls really run at the same time; `serial` leaves the race cases out: they would prove nothing. */
    readonly concurrency: 'parallel' | 'serial'
    /** What a transaction inside the work of another one is; default `refused`. */
    readonly nestedTransactions?: NestedTransactions
  }
  /** Without it the cases about the user's own writes in a transaction are left out. */
  readonly handle?: TransactionHandleProbe<Tx>
  /** Tenant ids that a sloppy comparison takes for one, e.g. `t1`, `T1` and `t1 ` (rows made, if need be). */
  readonly exactTenants?: readonly T[]
  /**
   * Opens the same store through a line that lets every COMMIT through and loses the answer, e.g. a proxy that cuts the
   * connection. Without it the case about lost answers is left out.
   */
  readonly losingCommitAnswers?: () => Repositories<T, Tx> | Promise<Repositories<T, Tx>>
}

/**
 * Registers every case of the repository contract with a test runner. Cases keep to fresh tenants and never wipe anything,
 * so the store may be shared and full.
 *
 * A case that fails says which guarantee is broken; the failed check is its `cause`.
 *
 * @throws {Error} when a skip names no case or gives no reason, or `only` names none.
 * @example
 * registerRepositoryContract({ describe, test }, { repositories, newTenantId: randomUUID, traits: { concurrency: 'parallel' } })
 */
export function registerRepositoryContract<T extends TenantId, Tx>(
  runner: ContractRunner,
  harness: RepositoryContractHarness<T, Tx>,
  selection: ContractSelection = {},
): void {
  const opening = harness.losingCommitAnswers
  const context: RepositoryContractContext<T, Tx> = {
    repositories: harness.repositories,
    newTenantId: async () => harness.newTenantId(),
    nestedTransactions: harness.traits.nestedTransactions ?? 'refused',
    handle: harness.handle,
    exactTenants: harness.exactTenants ?? [],
    losingCommitAnswers: opening && (async () => opening()),
  }
  registerContract(
    runner,
    {
      title: 'repository contract',
      subject: 'The store',
      cases: repositoryContract,
      run: (contractCase) => contractCase.run(context),
      whyNot: (contractCase) => whyNot(contractCase, harness),
    },
    selection,
  )
}

function whyNot<T extends TenantId, Tx>(
  { needs = [] }: RepositoryContractCase,
  harness: RepositoryContractHarness<T, Tx>,
): string | undefined {
  const reasons: Record<RepositoryContractNeed, string | undefined> = {
    parallel: harness.traits.concurrency === 'parallel' ? undefined : 'calls run one after another on this store',
    handle: harness.handle === undefined ? 'the harness has no handle' : undefined,
    exactTenants: (harness.exactTenants?.length ?? 0) < 2 ? 'the harness has no exactTenants' : undefined,
    losingCommitAnswers:
      harness.losingCommitAnswers === undefined ? 'the harness has no losingCommitAnswers' : undefined,
  }
  return needs.map((need) => reasons[need]).find((reason) => reason !== undefined)
}
