import type { Connection } from '../domain/connection.ts'
import type { Adapter, AnyProvider } from '../domain/provider.ts'
import type { Scope, TenantId } from '../domain/tenant.ts'
import type { OpenedAdapter } from './adapter-factory.ts'

/** What to call, for whom and why. */
export interface Operation<T extends TenantId> {
  readonly scope: Scope<T>
  readonly connectionId: string
  /** For the audit rows, e.g. `sync issues`. */
  readonly action: string
  readonly runId?: string
  readonly signal?: AbortSignal
  /**
   * How old a copy of the connection may be: at most `gateMaxAgeMs` (calls), or not at all (runs and tests).
   */
  readonly read: 'copy' | 'fresh'
  /** A test passes a closed gate, for it is the way in; and its outcome says more. Default: false. */
  readonly isTest?: boolean
  /** An adapter that was opened before and has to be the one that is used: the steps of one generator. */
  readonly opened?: OpenedAdapter
}

/** What the provider's code is run with. */
export interface OperationContext<T extends TenantId> {
  readonly adapter: Adapter
  readonly provider: AnyProvider
  readonly connection: Connection<T>
  readonly opened: OpenedAdapter
}
