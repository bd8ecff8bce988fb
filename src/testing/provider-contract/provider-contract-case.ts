import type { AnyProvider } from '../../core/domain/provider.ts'
import type { ProviderFixtures } from './provider-fixtures.ts'

/**
 * What a case needs of a provider: `resources`; `choices` = fields whose values the service tells; `webhooks`;
 * `signature` = webhooks that are signed; `timestamp` = webhooks whose signature covers when they were sent, outside the
 * body; `identity` = webhooks that can be told apart.
 */
export type ProviderContractNeed = 'resources' | 'choices' | 'webhooks' | 'signature' | 'timestamp' | 'identity'

/** What a case is run with. */
export interface ProviderContractContext {
  readonly provider: AnyProvider
  readonly fixtures: ProviderFixtures<AnyProvider>
}

/** One promise of a provider, as a check that any runner can run. */
export interface ProviderContractCase {
  /** Stable: `<part>/<promise>`. */
  readonly id: string
  /** The promise as a plain sentence. */
  readonly title: string
  readonly needs?: readonly ProviderContractNeed[]
  /** Rejects if the promise is broken. */
  readonly run: (context: ProviderContractContext) => Promise<void>
}
