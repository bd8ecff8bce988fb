import type { PrismaDialect } from './prisma-dialect.ts'

/** The part of a model that an update needs. */
interface UpdatableModel<Row, Where, Data> {
  readonly findFirst: (args: { where: Where }) => Promise<Row | null>
  readonly updateMany: (args: { where: Where; data: Data }) => Promise<{ count: number }>
  readonly updateManyAndReturn?: (args: { where: Where; data: Data }) => Promise<Row[]>
}

/**
 * Updates the one row of `key` if it also meets `guard`; answers it as written, or `null`.
 * Where a write can't answer its row, the caller runs this in a transaction: the write locks the row until it was read.
 */
export async function updateRow<Row, Where extends object, Data>(
  { hasReturning }: Pick<PrismaDialect, 'hasReturning'>,
  model: UpdatableModel<Row, Where, Data>,
  { key, guard, data }: { readonly key: Where; readonly guard: Where; readonly data: Data },
): Promise<Row | null> {
  const where = { ...key, ...guard }
  // A client for MySQL has the method too, but only to refuse it.
  if (hasReturning && model.updateManyAndReturn !== undefined) {
    const [row] = await model.updateManyAndReturn({ where, data })
    return row ?? null
  }
  const { count } = await model.updateMany({ where, data })
  return count === 0 ? null : model.findFirst({ where: key })
}
