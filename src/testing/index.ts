export type { FakeAnswer, FakeFault } from './fake-fault.ts'
export { type FakeAnswerer, type FakeProvider, type FakeRequest, startFakeProvider } from './fake-provider.ts'
export {
  type FakeAccess,
  type FakeResponse,
  type FakeRoute,
  fakeResponse,
  fakeRoutes,
  type RoutedRequest,
} from './fake-routes.ts'
export { instant } from './instant.ts'
export { newConnection } from './new-connection.ts'
export { newExecutionLog } from './new-execution-log.ts'
export { newId } from './new-id.ts'
export { newOAuthState } from './new-oauth-state.ts'
export { newWebhookEvent } from './new-webhook-event.ts'
export type {
  ProviderContractCase,
  ProviderContractContext,
  ProviderContractNeed,
} from './provider-contract/provider-contract-case.ts'
export type {
  ContractDelivery,
  ProviderFixtures,
  ProviderWorld,
  WebhookFixtures,
} from './provider-contract/provider-fixtures.ts'
export { providerContract } from './provider-contract.ts'
export type { ContractRunner, ContractSelection, ContractSkip } from './register-contract.ts'
export { registerProviderContract } from './register-provider-contract.ts'
export {
  type RepositoryContractHarness,
  registerRepositoryContract,
} from './register-repository-contract.ts'
export type {
  NestedTransactions,
  RepositoryContractCase,
  RepositoryContractContext,
  RepositoryContractNeed,
  TransactionHandleProbe,
} from './repository-contract/repository-contract-case.ts'
export { repositoryContract } from './repository-contract.ts'
export { signWebhook, type WebhookToSign } from './sign-webhook.ts'
