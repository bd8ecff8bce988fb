import type { z } from 'zod'
import type { AdapterOf, AnyProvider, ResourceOf } from '../../core/domain/provider.ts'
import type { FakeFault } from '../fake-fault.ts'
import type { FakeProvider } from '../fake-provider.ts'
import type { WebhookToSign } from '../sign-webhook.ts'

/** One tenant's account at a service of your making. Each case gets its own. */
export interface ProviderWorld<P extends AnyProvider> {
  /** Closed when the case is over. */
  readonly service: Pick<FakeProvider, 'requests' | 'fail' | 'recover' | 'goRoundInCircles' | 'close'>
  /** Those that the service takes. */
  readonly credentials: z.input<P['credentials']>
  readonly settings?: z.input<P['settings']>
  /** The parts of credentials and settings that nobody may see: at least eight characters each, found nowhere else. */
  readonly secrets: readonly string[]
  /** The ids of all that a resource has to deliver. Have the service answer more than one page of each. */
  readonly items: { readonly [R in ResourceOf<P>]: readonly (string | number)[] }
}

/** A delivery of the service. */
export interface ContractDelivery {
  /** The normalised type that it has to come out as. */
  readonly type: string
  /** A text is sent as it is, anything else as JSON. */
  readonly body: unknown
  /** What the service sends beside the signature, in lower case, e.g. the delivery's id and type. */
  readonly headers?: Readonly<Record<string, string>>
}

/** How the service sends webhooks. */
export interface WebhookFixtures {
  /** What the connection is given. */
  readonly secret: string
  /** What the service signs with, where that is another one (public keys). */
  readonly signingSecret?: string
  /** At least two that are not the same event. */
  readonly deliveries: readonly [ContractDelivery, ContractDelivery, ...ContractDelivery[]]
  /**
   * Signs as the service does; answers the headers. Default: {@link signWebhook} with the provider's own scheme, which can't
   * notice that the scheme itself is wrong: use the service's own code where there is some.
   */
  sign?(delivery: WebhookToSign): Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>
}

/** What the provider contract needs to know of a provider. */
export interface ProviderFixtures<P extends AnyProvider> {
  /** Makes a service and an account at it, anew for each case. */
  start(): Promise<ProviderWorld<P>>
  /** The present of all cases; default: 2026-03-01, noon UTC. Time passes only where a case says so. */
  readonly now?: Date
  /** A call beside those of the resources, whose answer is JSON that it reads; a must for a provider without resources. */
  call?(adapter: AdapterOf<P>): Promise<unknown>
  /** The id of an item; default: its `id` or `externalId`. */
  idOf?(item: unknown): string | number
  /** How the service says it, where it is not a 401, a 403, a 429 with `retry-after: 120`, or a 503. */
  readonly says?: {
    readonly unauthorized?: FakeFault
    readonly forbidden?: FakeFault
    /** Asks to be left alone for two minutes. */
    readonly rateLimited?: FakeFault
    readonly unavailable?: FakeFault
  }
  /** A must for a provider with webhooks. */
  readonly webhooks?: WebhookFixtures
}
