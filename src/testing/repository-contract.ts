import { breakerCases } from './repository-contract/breaker-cases.ts'
import { claimCases } from './repository-contract/claim-cases.ts'
import { connectionCases } from './repository-contract/connection-cases.ts'
import { connectionSearchCases } from './repository-contract/connection-search-cases.ts'
import { credentialsCases } from './repository-contract/credentials-cases.ts'
import { exactValueCases } from './repository-contract/exact-value-cases.ts'
import { executionLogCases } from './repository-contract/execution-log-cases.ts'
import { executionStatsCases } from './repository-contract/execution-stats-cases.ts'
import { fairDeliveryCases } from './repository-contract/fair-delivery-cases.ts'
import { leaseCases } from './repository-contract/lease-cases.ts'
import { lostCommitCases } from './repository-contract/lost-commit-cases.ts'
import { nestedTransactionCases } from './repository-contract/nested-transaction-cases.ts'
import { oauthStateCases } from './repository-contract/oauth-state-cases.ts'
import { orderCases } from './repository-contract/order-cases.ts'
import { pauseCases } from './repository-contract/pause-cases.ts'
import { refreshLeaseCases } from './repository-contract/refresh-lease-cases.ts'
import type { RepositoryContractCase } from './repository-contract/repository-contract-case.ts'
import { resealCases } from './repository-contract/reseal-cases.ts'
import { scheduleCases } from './repository-contract/schedule-cases.ts'
import { syncStateCases } from './repository-contract/sync-state-cases.ts'
import { transactionCases } from './repository-contract/transaction-cases.ts'
import { unstorableNameCases } from './repository-contract/unstorable-name-cases.ts'
import { unstorableTextCases } from './repository-contract/unstorable-text-cases.ts'
import { webhookEventCases } from './repository-contract/webhook-event-cases.ts'
import { webhookUpkeepCases } from './repository-contract/webhook-upkeep-cases.ts'

/** Every guarantee of the repository ports as a case with a stable id. Run them with `registerRepositoryContract`. */
export const repositoryContract: readonly RepositoryContractCase[] = [
  ...connectionCases,
  ...connectionSearchCases,
  ...credentialsCases,
  ...refreshLeaseCases,
  ...resealCases,
  ...breakerCases,
  ...pauseCases,
  ...syncStateCases,
  ...leaseCases,
  ...scheduleCases,
  ...webhookEventCases,
  ...claimCases,
  ...fairDeliveryCases,
  ...orderCases,
  ...webhookUpkeepCases,
  ...executionLogCases,
  ...executionStatsCases,
  ...oauthStateCases,
  ...transactionCases,
  ...nestedTransactionCases,
  ...lostCommitCases,
  ...unstorableTextCases,
  ...unstorableNameCases,
  ...exactValueCases,
]
