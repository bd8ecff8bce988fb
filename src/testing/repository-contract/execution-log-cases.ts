import type { RepositoryContractCase } from './repository-contract-case.ts'

/** To be filled. */
export const executionLogCases: readonly RepositoryContractCase[] = []
