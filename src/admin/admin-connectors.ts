import type { Connectors, OperatorConnectors, TenantConnectors } from '../core/connectors.ts'
import type { AnyProvider } from '../core/domain/provider.ts'
import type { TenantId } from '../core/domain/tenant.ts'

/** What the console needs of the library. */
export type AdminConnectors = Pick<
  Connectors<AnyProvider, TenantId>,
  'forTenant' | 'operator' | 'providers' | 'enqueue'
>

/** The verbs that one tenant and all of them have in common. */
export type SharedVerbs = Pick<
  TenantConnectors<AnyProvider, TenantId> | OperatorConnectors<AnyProvider, TenantId>,
  'connections' | 'sync' | 'webhooks' | 'executions'
>

/** One tenant's verbs. */
export type TenantVerbs = TenantConnectors<AnyProvider, TenantId>

/** Which connections to list. */
export type ConnectionFilter = NonNullable<Parameters<SharedVerbs['connections']['list']>[0]>

/** Which deliveries to list. */
export type WebhookEventFilter = NonNullable<Parameters<SharedVerbs['webhooks']['list']>[0]>

/** Which calls to list. */
export type ExecutionLogFilter = NonNullable<Parameters<SharedVerbs['executions']['list']>[0]>

/** Which syncs to list. */
export type SyncStateFilter = NonNullable<Parameters<SharedVerbs['sync']['states']>[0]>
