import { ConnectorsError } from './errors.ts'

/** The id of a tenant: whatever type the user's own tenant model has. */
export type TenantId = string | number | bigint

/**
 * What a read may see: one tenant's rows, or (for operators) everyone's.
 * There is no default: whoever reads has to say on whose behalf.
 */
export type Scope<T extends TenantId> =
  | { readonly kind: 'tenant'; readonly tenantId: T }
  | { readonly kind: 'operator' }

/** The scope of an operator: all tenants. */
export const operatorScope: { readonly kind: 'operator' } = { kind: 'operator' }

/**
 * The scope of one tenant.
 *
 * @throws {ConnectorsError} `INVALID_TENANT_ID` for an empty string, a number that is no safe integer, or another type.
 */
export function tenantScope<T extends TenantId>(tenantId: T): { readonly kind: 'tenant'; readonly tenantId: T } {
  tenantText(tenantId)
  return { kind: 'tenant', tenantId }
}

/**
 * The one text form of a tenant id, used in associated data, cache keys, logs and URLs.
 *
 * @throws {ConnectorsError} `INVALID_TENANT_ID` for an empty string, a number that is no safe integer, or another type.
 */
export function tenantText(tenantId: TenantId): string {
  const isValid =
    typeof tenantId === 'bigint' ||
    (typeof tenantId === 'string' && tenantId !== '') ||
    (typeof tenantId === 'number' && Number.isSafeInteger(tenantId))
  if (!isValid) {
    throw new ConnectorsError(
      'INVALID_TENANT_ID',
      `A tenant id must be a non-empty string, a safe integer or a bigint, not ${describe(tenantId)}.`,
    )
  }
  return String(tenantId)
}

/** Whether a row of this tenant may be seen in this scope. Exact, whatever the database's collation says. */
export function isInScope<T extends TenantId>(scope: Scope<T>, tenantId: T): boolean {
  switch (scope.kind) {
    case 'operator':
      return true
    case 'tenant':
      return tenantText(scope.tenantId) === tenantText(tenantId)
  }
}

function describe(value: unknown): string {
  return value === ''
    ? 'an empty string'
    : typeof value === 'number'
      ? String(value)
      : value === null
        ? 'null'
        : typeof value
}
