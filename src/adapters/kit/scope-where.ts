import type { Scope, TenantId } from '../../core/domain/tenant.ts'

/** The condition that keeps a query within a scope. */
export function scopeWhere<T extends TenantId>(scope: Scope<T>): { tenantId?: T } {
  switch (scope.kind) {
    case 'tenant':
      return { tenantId: scope.tenantId }
    case 'operator':
      return {}
  }
}
