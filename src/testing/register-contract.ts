/** The two functions of a test runner that are used; vitest and node:test both fit. */
export interface ContractRunner {
  /** Groups tests. */
  readonly describe: (title: string, body: () => void) => unknown
  /** Registers a test. */
  readonly test: ((title: string, run: () => Promise<void>) => unknown) & {
    /** Registers a test that is not run. */
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
  /**
   * While a store or provider grows: only cases whose id begins with one of these, e.g. `oauth-states/`. The rest counts as
   * skipped.
   */
  readonly only?: readonly string[]
}

/** A contract, and what is measured by it. */
export interface ContractToRegister<Case extends { readonly id: string; readonly title: string }> {
  readonly title: string
  /** What breaks a guarantee where a case fails, e.g. `The store`. */
  readonly subject: string
  readonly cases: readonly Case[]
  readonly run: (contractCase: Case) => Promise<void>
  /** Why a case does not apply to the subject; `undefined`: it does. */
  readonly whyNot: (contractCase: Case) => string | undefined
}

/**
 * Registers every case of a contract. One that fails says which guarantee is broken; the failed check is its `cause`.
 *
 * @throws {Error} when a skip names no case or gives no reason, or `only` names none.
 */
export function registerContract<Case extends { readonly id: string; readonly title: string }>(
  runner: ContractRunner,
  { title: name, subject, cases, run, whyNot }: ContractToRegister<Case>,
  { skip: skips = [], only }: ContractSelection,
): void {
  for (const prefix of only ?? []) {
    if (!cases.some(({ id }) => id.startsWith(prefix)))
      throw new Error(`There is no contract case that begins with ${prefix}.`)
  }
  for (const skip of skips) {
    if (!cases.some(({ id }) => id === skip.case)) throw new Error(`There is no contract case ${skip.case}.`)
    if (skip.reason.trim() === '') throw new Error(`The skip of ${skip.case} needs a reason.`)
  }
  runner.describe(name, () => {
    for (const contractCase of cases) {
      const { id } = contractCase
      const title = `${id}: ${contractCase.title}`
      const check = () =>
        run(contractCase).catch((cause: unknown) => {
          // Names the guarantee; a runner prints the check that failed as its cause.
          const found = cause instanceof Error ? cause.message : String(cause)
          throw new Error(`${subject} breaks the guarantee ${title}.\n\n${found}`, { cause })
        })
      const reason =
        skips.find((skip) => skip.case === id)?.reason ??
        (only?.every((prefix) => !id.startsWith(prefix)) ? `only ${only.join(', ')}` : undefined) ??
        whyNot(contractCase)
      if (reason === undefined) runner.test(title, check)
      else runner.test.skip(`${title} (skipped: ${reason})`, check)
    }
  })
}
