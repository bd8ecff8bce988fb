import { refusal } from './cli-error.ts'
import type { Dialect } from './database-of.ts'
import type { FragmentBlock } from './fragment-block.ts'
import { parseSchema, type SchemaBlock } from './parse-schema.ts'
import { type TenantKey, tenantIdTypes, tenantKeyOf } from './tenant-key.ts'

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
    const connection = existing === null ? null : parseSchema({ path: existing.path, content: existing.body })[0]
    const column = connection?.fields.find(({ name }) => name === 'tenantId')
    const type = tenantIdTypes.find((known) => known === column?.type)
    if (type === undefined)
      throw refusal(`Without a relation, name the type: --tenant-id ${tenantIdOptions.join('|')}.`)
    return { field: 'id', type, native: /@\w+\.(\w+(?:\([^)]*\))?)/.exec(column?.attributes ?? '')?.[1] ?? null }
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
