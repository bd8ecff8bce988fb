import { type TenantId, tenantText } from '../core/domain/tenant.ts'
import type { FormRefused } from './action.ts'
import type { AdminConnectors } from './admin-connectors.ts'
import type { HourlyStats } from './hourly-stats.ts'
import type { Notice } from './notice.ts'
import type { Operator } from './operator.ts'
import type { Sight } from './sight.ts'

/** One request of an operator, and all that the page which answers it may use. */
export interface Visit {
  readonly basePath: string
  readonly title: string
  /** Below the base path, e.g. `/connections`. */
  readonly path: string
  readonly query: URLSearchParams
  readonly operator: Operator
  readonly sight: Sight
  readonly providers: AdminConnectors['providers']
  readonly hourly: HourlyStats
  /** Puts a job into the queue; `null` where nobody takes it out again. */
  readonly enqueue: AdminConnectors['enqueue'] | null
  /** Where browsers see the console. */
  readonly origin: string
  readonly csrfToken: string
  readonly notice: Notice | null
  /** What is wrong with the form that was just sent. */
  readonly refused: FormRefused | null
  readonly now: Date
}

/** Values of a query string; those that say nothing are left out. */
export type Query = Readonly<Record<string, string | null | undefined>>

/** The address of a page of the console; the tenant that is looked at stays. */
export function link({ basePath, sight }: Pick<Visit, 'basePath' | 'sight'>, path: string, query: Query = {}): string {
  const all: Query = { tenant: tenantParameter(sight), ...query }
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(all)) if (value) search.set(name, value)
  const address = `${basePath}${path === '/' ? '' : path}` || '/'
  return `${address}${search.size > 0 ? `?${search}` : ''}`
}

/** The tenant as the address has to name it; `null` where it is the one that comes first anyway. */
export function tenantParameter({ tenantId, tenants }: Pick<Sight, 'tenantId' | 'tenants'>): string | null {
  if (tenantId === null || (tenants !== 'all' && isSame(tenants[0], tenantId))) return null
  return tenantText(tenantId)
}

function isSame(a: TenantId | undefined, b: TenantId): boolean {
  return a !== undefined && tenantText(a) === tenantText(b)
}
