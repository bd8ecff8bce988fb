import { isConnectorsError } from '../../core/domain/errors.ts'
import type { TenantId } from '../../core/domain/tenant.ts'
import type { PrismaModels } from './prisma-client-like.ts'
import type { PrismaSession } from './prisma-session.ts'

/**
 * Inserts a row in one statement, unless one of its unique keys is taken; answers whether it did.
 * A taken key leaves the transaction around it whole; for other refusals pass `session.refusable` as `run`.
 */
export async function insertRow<T extends TenantId, Row extends object>(
  { dialect, run }: Pick<PrismaSession<T>, 'dialect' | 'run'>,
  model: (models: PrismaModels<T>) => { readonly createMany: (args: { data: Row[] }) => Promise<{ count: number }> },
  row: Row,
): Promise<boolean> {
  // Not `create`, which on MySQL is a transaction with a read at its end. Not all clients know the option.
  const args = { data: [row], ...(dialect.skipsDuplicates && { skipDuplicates: true }) }
  try {
    const { count } = await run((models) => model(models).createMany(args))
    return count === 1
  } catch (error) {
    if (isConnectorsError(error, 'CONFLICT')) return false
    throw error
  }
}
