import { connectionCases } from './repository-contract/connection-cases.ts'
import { executionLogCases } from './repository-contract/execution-log-cases.ts'
import type { RepositoryContractCase } from './repository-contract/repository-contract-case.ts'
import { syncStateCases } from './repository-contract/sync-state-cases.ts'
import { transactionCases } from './repository-contract/transaction-cases.ts'
import { webhookEventCases } from './repository-contract/webhook-event-cases.ts'

/** Every guarantee of the repository ports as a case with a stable id. Run them with `registerRepositoryContract`. */
export const repositoryContract: readonly RepositoryContractCase[] = [
  ...connectionCases,
  ...syncStateCases,
  ...webhookEventCases,
  ...executionLogCases,
  ...transactionCases,
]
