import type { TenantId } from '../../core/domain/tenant.ts'
import { hasOtherSpelling } from '../kit/has-other-spelling.ts'
import type { PrismaSession } from './prisma-session.ts'

/**
 * Whether a condition on the tenant id means just that. If not (text on MySQL, whose collation takes `t1` for `T1`; a uuid in
 * capitals, which a column of that type takes for the one in small letters), a write has to be preceded by a look at the row: its
 * id and its tenant never change, so nobody can come between.
 */
export function isComparedExactly<T extends TenantId>(
  { dialect }: Pick<PrismaSession<T>, 'dialect'>,
  tenantId: T,
): boolean {
  return typeof tenantId !== 'string' || (dialect.comparesExactly && !hasOtherSpelling(tenantId))
}
