import { operatorScope, type Scope, type TenantId } from '../../core/domain/tenant.ts'

/** The scope of one tenant. */
export function tenant<T extends TenantId>(tenantId: T): Scope<T> {
  return { kind: 'tenant', tenantId }
}

/** The scope of an operator. */
export const operator = operatorScope
