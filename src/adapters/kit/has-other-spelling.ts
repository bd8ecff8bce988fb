import type { TenantId } from '../../core/domain/tenant.ts'

const uuid = /^\{?[0-9a-f]{4}(?:-?[0-9a-f]{4}){7}\}?$/i
const canonicalUuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Whether a column of type uuid, if that is what it is, takes the id and keeps it in another spelling (RFC 9562, 4). */
export function hasOtherSpelling(tenantId: TenantId): boolean {
  return typeof tenantId === 'string' && uuid.test(tenantId) && !canonicalUuid.test(tenantId)
}
