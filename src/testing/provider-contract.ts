import { answerCases } from './provider-contract/answer-cases.ts'
import { connectionTestCases } from './provider-contract/connection-test-cases.ts'
import { manifestCases } from './provider-contract/manifest-cases.ts'
import { pagingCases } from './provider-contract/paging-cases.ts'
import type { ProviderContractCase } from './provider-contract/provider-contract-case.ts'
import { secrecyCases } from './provider-contract/secrecy-cases.ts'
import { webhookCases } from './provider-contract/webhook-cases.ts'

/** Every promise of a provider as a case with a stable id. Run them with `registerProviderContract`. */
export const providerContract: readonly ProviderContractCase[] = [
  ...manifestCases,
  ...connectionTestCases,
  ...secrecyCases,
  ...answerCases,
  ...pagingCases,
  ...webhookCases,
]
