import type { ConnectionView } from '../core/domain/connection.ts'
import { ConnectorsError } from '../core/domain/errors.ts'
import { type TenantId, tenantText } from '../core/domain/tenant.ts'
import type { WebhookEventView } from '../core/domain/webhook-event.ts'
import type { AdminConnectors, SharedVerbs, TenantVerbs } from './admin-connectors.ts'
import type { Operator } from './operator.ts'

/**
 * What one operator sees. All that a page reads comes through here, so that no page can forget to ask whose it is: lists
 * are those of the tenant that is looked at, and only who may see all tenants ever gets the verbs across them.
 */
export interface Sight {
  /** The tenant that is looked at; `null` = all. */
  readonly tenantId: TenantId | null
  /** Those that may be looked at. */
  readonly tenants: Operator['tenants']
  /** The verbs of what is looked at. */
  readonly verbs: SharedVerbs
  /** One tenant's verbs, for something that was found by `connection` or `webhookEvent`. */
  readonly of: (tenantId: TenantId) => TenantVerbs
  /** @throws {ConnectorsError} `CONNECTION_NOT_FOUND`, also for those of other tenants. */
  readonly connection: (id: string) => Promise<ConnectionView>
  /** @throws {ConnectorsError} `WEBHOOK_EVENT_NOT_FOUND`, also for those of other tenants. */
  readonly webhookEvent: (id: string) => Promise<WebhookEventView>
}

/** There is no such tenant, or none for this operator. */
export class TenantNotVisible extends Error {}

/**
 * The sight of an operator.
 *
 * @param wanted - the tenant asked for, as text; without one: all of them, or the first of those that may be seen.
 */
export async function createSight(
  connectors: AdminConnectors,
  { tenants }: Pick<Operator, 'tenants'>,
  wanted: string | null,
): Promise<Sight> {
  const tenantId = tenants === 'all' ? await amongAll(connectors, wanted) : among(tenants, wanted)
  const isVisible = (id: TenantId) =>
    tenants === 'all' || tenants.some((tenant) => tenantText(tenant) === tenantText(id))
  const visible = <Found extends { readonly tenantId: TenantId }>(
    found: Found,
    code: 'CONNECTION_NOT_FOUND' | 'WEBHOOK_EVENT_NOT_FOUND',
  ): Found => {
    if (isVisible(found.tenantId)) return found
    throw new ConnectorsError(code, 'There is no such thing here.')
  }
  const { operator, forTenant } = connectors
  return {
    tenantId,
    tenants,
    verbs: tenantId === null ? operator : forTenant(tenantId),
    of: (id) => {
      if (!isVisible(id)) throw new TenantNotVisible()
      return forTenant(id)
    },
    connection: async (id) => visible(await operator.connections.get(id), 'CONNECTION_NOT_FOUND'),
    webhookEvent: async (id) => visible(await operator.webhooks.get(id), 'WEBHOOK_EVENT_NOT_FOUND'),
  }
}

function among(tenants: readonly TenantId[], wanted: string | null): TenantId {
  const tenantId = wanted === null ? tenants[0] : tenants.find((id) => tenantText(id) === wanted)
  if (tenantId === undefined) throw new TenantNotVisible()
  return tenantId
}

/** The type of the ids is the application's; a row that is there tells which. */
async function amongAll(connectors: AdminConnectors, wanted: string | null): Promise<TenantId | null> {
  if (wanted === null || wanted === '') return null
  const { items } = await connectors.operator.connections.list().page({ limit: 1 })
  const sample = items[0]?.tenantId ?? ''
  if (typeof sample === 'string') return wanted
  if (!/^-?\d{1,30}$/.test(wanted)) throw new TenantNotVisible()
  if (typeof sample === 'bigint') return BigInt(wanted)
  if (!Number.isSafeInteger(Number(wanted))) throw new TenantNotVisible()
  return Number(wanted)
}
