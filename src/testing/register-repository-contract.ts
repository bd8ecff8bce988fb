import type { TenantId } from '../core/domain/tenant.ts'
import type { Repositories } from '../core/ports/repositories.ts'
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

/** The two functions of a test runner that are used; vitest and node:test both fit. */
export interface ContractRunner {
  readonly describe: (title: string, body: () => void) => unknown
  readonly test: ((title: string, run: () => Promise<void>) => unknown) & {
    readonly skip: (title: string, run: () => Promise<void>) => unknown
  }
}

/** A case that is knowingly not run, and why. */
export interface ContractSkip {
  /** Id of the case. */
  readonly case: string
  readonly reason: string
}

/** Which cases are run. */
export interface ContractSelection {
  /** Cases that are not run, each with a reason. */
  readonly skip?: readonly ContractSkip[]
  /** While an adapter grows: only cases whose id begins with one of these, e.g. `oauth-states/`. The rest counts as skipped. */
  readonly only?: readonly string[]
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
  const { skip: skips = [], only } = selection
  for (const prefix of only ?? []) {
    if (!repositoryContract.some(({ id }) => id.startsWith(prefix)))
      throw new Error(`There is no contract case that begins with ${prefix}.`)
  }
  for (const skip of skips) {
    if (!repositoryContract.some(({ id }) => id === skip.case))
      throw new Error(`There is no contract case ${skip.case}.`)
    if (skip.reason.trim() === '') throw new Error(`The skip of ${skip.case} needs a reason.`)
  }
  const opening = harness.losingCommitAnswers
  const context: RepositoryContractContext<T, Tx> = {
    repositories: harness.repositories,
    newTenantId: async () => harness.newTenantId(),
    nestedTransactions: harness.traits.nestedTransactions ?? 'refused',
    handle: harness.handle,
    exactTenants: harness.exactTenants ?? [],
    losingCommitAnswers: opening && (async () => opening()),
  }
  const whyLeftOut = (contractCase: RepositoryContractCase): string | undefined =>
    skips.find((skip) => skip.case === contractCase.id)?.reason ??
    (only?.every((prefix) => !contractCase.id.startsWith(prefix)) ? `only ${only.join(', ')}` : undefined) ??
    whyNot(contractCase, harness)
  runner.describe('repository contract', () => {
    for (const contractCase of repositoryContract) {
      const title = `${contractCase.id}: ${contractCase.title}`
      const run = () => contractCase.run(context).catch((cause: unknown) => Promise.reject(broken(contractCase, cause)))
      const reason = whyLeftOut(contractCase)
      if (reason === undefined) runner.test(title, run)
      else runner.test.skip(`${title} (skipped: ${reason})`, run)
    }
  })
}

/** Names the guarantee; a runner prints the check that failed as its cause. */
function broken({ id, title }: RepositoryContractCase, cause: unknown): Error {
  const found = cause instanceof Error ? cause.message : String(cause)
  return new Error(`The store breaks the guarantee ${id}: ${title}.\n\n${found}`, { cause })
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
