import { refusal } from '../cli-error.ts'
import type { Dialect } from '../schema/database-of.ts'
import type { FragmentBlock } from '../schema/fragment-block.ts'
import type { SchemaBlock } from '../schema/parse-schema.ts'
import { nativeTypeOf, type TenantKey, tenantIdTypes, tenantKeyOf } from './tenant-key.ts'

/** Values of `--tenant-id`. */
export const tenantIdOptions = [...tenantIdTypes, 'uuid'] as const

/** A value of `--tenant-id`. */
export type TenantIdOption = (typeof tenantIdOptions)[number]

/**
 * The type of the `tenantId` columns: that of the tenant model's id, or, without a relation, the one that was asked for or
 * that an earlier run wrote.
 *
 * @throws {CliError} if what was asked for isn't the type of the tenant model's id.
 */
export function tenantIdFor(
  tenant: SchemaBlock | null,
  wanted: TenantIdOption | undefined,
  dialect: Dialect,
  existing: FragmentBlock | null,
): TenantKey {
  if (tenant === null) {
    if (wanted !== undefined) return keyOf(wanted, dialect)
    const column = existing?.blocks[0]?.fields.find(({ name }) => name === 'tenantId')
    const type = tenantIdTypes.find((known) => known === column?.type)
    if (type === undefined)
      throw refusal(`Without a relation, name the type: --tenant-id ${tenantIdOptions.join('|')}.`)
    // The native type of one database means nothing to another.
    const isSameDatabase = dialect !== 'sqlite' && (dialect === 'mysql') === /\.LongText\b/.test(existing?.body ?? '')
    return { field: 'id', type, native: isSameDatabase ? nativeTypeOf(column?.attributes ?? '') : null }
  }
  const key = tenantKeyOf(tenant)
  if (wanted === undefined) return key
  const asked = keyOf(wanted, dialect)
  if (asked.type === key.type && (asked.native === null || asked.native === key.native)) return key
  const is = key.native === null ? key.type : `${key.type} with the native type ${key.native}`
  throw refusal(
    `--tenant-id says ${wanted}, but ${tenant.name}.${key.field} is ${is}. A relation needs the same type on both ends: ` +
      'leave --tenant-id out.',
  )
}

/** Only PostgreSQL has a type for uuids. */
const keyOf = (option: TenantIdOption, dialect: Dialect): TenantKey => ({
  field: 'id',
  type: option === 'uuid' ? 'String' : option,
  native: option === 'uuid' && dialect === 'postgresql' ? 'Uuid' : null,
})
