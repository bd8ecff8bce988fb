import type { AnyProvider, DeliveryIdSource } from '../core/domain/provider.ts'
import type { SignatureScheme } from '../core/domain/signature.ts'
import type { ProviderContractNeed } from './provider-contract/provider-contract-case.ts'
import type { ProviderFixtures } from './provider-contract/provider-fixtures.ts'
import { providerContract } from './provider-contract.ts'
import { type ContractRunner, type ContractSelection, registerContract } from './register-contract.ts'

/**
 * Registers every case of the provider contract with a test runner. Each runs a connection of its own over
 * `createConnectors(memoryRepositories(), …)`, against a service of the fixtures.
 *
 * Cases that don't apply are skipped and say why: no resources, no webhooks, no signed timestamp.
 *
 * @throws {Error} when a skip names no case or gives no reason, or `only` names none.
 * @example
 * registerProviderContract({ describe, test }, helpdesk, { start: startHelpdesk, webhooks })
 */
export function registerProviderContract<P extends AnyProvider>(
  runner: ContractRunner,
  provider: P,
  fixtures: ProviderFixtures<P>,
  selection: ContractSelection = {},
): void {
  const reasons: Record<ProviderContractNeed, string | undefined> = {
    resources: Object.keys(provider.resources).length === 0 ? 'it has no resources' : undefined,
    choices: provider.choiceFields.length === 0 ? 'it tells no choices' : undefined,
    webhooks: provider.webhooks === null ? 'it has no webhooks' : undefined,
    signature: provider.webhooks?.signature.kind === 'unsigned' ? 'its webhooks are declared unsigned' : undefined,
    identity: isEach(provider.webhooks?.deliveryId)
      ? 'its deliveries are alike, so that each is one of its own'
      : undefined,
    timestamp: provider.webhooks === null ? undefined : withoutTimestamp(provider.webhooks.signature),
  }
  registerContract(
    runner,
    {
      title: `provider contract of ${provider.family}/${provider.name}`,
      subject: 'The provider',
      cases: providerContract,
      // What the cases know of a provider is what all of them have; the fixtures are handed nothing but what is P's own.
      run: (contractCase) =>
        contractCase.run({ provider, fixtures: fixtures as unknown as ProviderFixtures<AnyProvider> }),
      whyNot: ({ needs = [] }) => needs.map((need) => reasons[need]).find((reason) => reason !== undefined),
    },
    selection,
  )
}

function isEach(source: DeliveryIdSource | null | undefined): boolean {
  return source != null && 'each' in source
}

function withoutTimestamp(scheme: SignatureScheme): string | undefined {
  switch (scheme.kind) {
    case 'standard-webhooks':
      return undefined
    case 'hmac':
    case 'public-key': {
      const from = scheme.timestamp?.from
      if (from === undefined) return 'its signature covers no timestamp'
      return 'body' in from ? 'the timestamp that its signature covers stands in the body' : undefined
    }
    case 'custom':
      return 'its scheme is code, which alone knows of timestamps'
    default:
      return 'its signature covers no timestamp'
  }
}
