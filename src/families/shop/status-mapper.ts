import { z } from 'zod'
import { ConnectorsError } from '../../core/domain/errors.ts'
import { field } from '../../core/domain/field.ts'
import { type OrderStatus, orderStatusSchema } from './order-status.ts'

/**
 * The settings by which a tenant overrides how statuses are translated, for a provider to spread into its settings schema:
 * `z.strictObject({ ...statusMapSettings, … })`.
 */
export const statusMapSettings = {
  /** The shop's status -> ours, e.g. `{ 'wc-in-kitchen': 'processing' }`. */
  status_map_inbound: field(z.record(z.string().min(1), orderStatusSchema).optional(), {
    label: 'Statuses from the shop',
    help: 'For each status of your shop, what it means.',
  }),
  /** Ours -> the shop's status, e.g. `{ shipped: 'wc-handed-over' }`. */
  status_map_outbound: field(z.partialRecord(orderStatusSchema, z.string().min(1)).optional(), {
    label: 'Statuses to the shop',
    help: 'For each meaning, the status that your shop shall be given.',
  }),
}

/** The overrides of one tenant, as its settings hold them. */
export interface StatusMapOverrides {
  readonly status_map_inbound?: Readonly<Record<string, OrderStatus>> | undefined
  readonly status_map_outbound?: Readonly<Partial<Record<OrderStatus, string>>> | undefined
}

/** What a provider's statuses mean when the tenant says nothing. */
export interface StatusMaps {
  /** The provider's status -> ours. */
  readonly inbound: Readonly<Record<string, OrderStatus>>
  /** Ours -> the provider's status. What isn't there can't be set. */
  readonly outbound: Readonly<Partial<Record<OrderStatus, string>>>
  /** Makes one spelling of several, e.g. takes a prefix off; applied to what comes in, to overrides and to what goes out. */
  readonly normalise?: (status: string) => string
}

/** Translates order statuses in both directions. */
export interface StatusMapper {
  /** What a status of the provider means, or `null` if neither the tenant nor the provider's definition says. */
  readonly toOrderStatus: (providerStatus: string) => OrderStatus | null
  /** @throws {ConnectorsError} `INVALID_INPUT` when the provider has no such status and the tenant gave none. */
  readonly toProviderStatus: (status: OrderStatus) => string
}

/** A mapper in which the tenant's overrides come before the provider's own maps. */
export function createStatusMapper(
  { inbound, outbound, normalise = (status) => status }: StatusMaps,
  overrides: StatusMapOverrides = {},
): StatusMapper {
  // Maps, for a shop may well call a status `constructor`.
  const meanings = new Map([
    ...Object.entries(inbound),
    ...Object.entries(overrides.status_map_inbound ?? {}).map(
      ([status, meaning]) => [normalise(status), meaning] as const,
    ),
  ])
  const statuses = new Map<string, string | undefined>([
    ...Object.entries(outbound),
    ...Object.entries(overrides.status_map_outbound ?? {}),
  ])
  return {
    toOrderStatus: (status) => meanings.get(normalise(status)) ?? null,
    toProviderStatus: (status) => {
      const found = statuses.get(status)
      if (found !== undefined) return normalise(found)
      throw new ConnectorsError(
        'INVALID_INPUT',
        `The shop has no status for "${status}". Name one in the setting status_map_outbound, or use one of: ${[...statuses.keys()].join(', ')}.`,
      )
    },
  }
}
