import { refusal } from '../cli-error.ts'
import type { SchemaBlock } from '../schema/parse-schema.ts'

/** Types that a tenant id can have. */
export const tenantIdTypes = ['String', 'Int', 'BigInt'] as const

/** The id of the tenant model, which `tenantId` refers to. */
export interface TenantKey {
  /** What the field is called in the model; it may be mapped to another name in the database. */
  readonly field: string
  readonly type: (typeof tenantIdTypes)[number]
  /** Native type without the name of the datasource, e.g. `Uuid` or `VarChar(36)`; `null` for Prisma's default. */
  readonly native: string | null
}

/**
 * The one field that identifies a row of the model: its `@id`, or the only field of `@@id`, or else the only `@unique` one.
 *
 * @throws {CliError} if there is none, more than one, or one of another type.
 */
export function tenantKeyOf(model: SchemaBlock): TenantKey {
  const field = keyField(model)
  const type = tenantIdTypes.find((known) => known === field.type)
  if (type === undefined) {
    throw refusal(
      `${model.name}.${field.name} is of type ${field.type}; a tenant id is one of ${tenantIdTypes.join(', ')}.`,
    )
  }
  return { field: field.name, type, native: nativeTypeOf(field.attributes) }
}

/** `VarChar(36)` of `@id @db.VarChar(36)`; `null` without a native type. */
export const nativeTypeOf = (attributes: string) => /@\w+\.(\w+(?:\([^)]*\))?)/.exec(attributes)?.[1] ?? null

const elsewhere =
  'bapp-connectors needs a tenant id of one column. Point it to another model, or keep tenants and connections apart ' +
  'with --no-relation --tenant-id <type>.'

function keyField(model: SchemaBlock) {
  const required = model.fields.filter(({ mark }) => mark === '')
  const ids = required.filter(({ attributes }) => /@id\b/.test(attributes))
  const composite = model.blockAttributes.map((line) => /^@@id\s*\([^[]*\[([^\]]*)\]/.exec(line)?.[1])
  const names = composite.flatMap((list) => list?.split(',').map((name) => name.replace(/\(.*/, '').trim()) ?? [])
  if (ids.length + names.length > 1) {
    throw refusal(
      `The id of ${model.name} is ${[...ids.map(({ name }) => name), ...names].join(' and ')}: ${elsewhere}`,
    )
  }
  const id = ids[0] ?? required.find(({ name }) => name === names[0])
  if (id !== undefined) return id
  const unique = required.filter(({ attributes }) => /@unique\b/.test(attributes))
  if (unique[0] === undefined) throw refusal(`${model.name} has no @id: ${elsewhere}`)
  if (unique.length > 1) {
    throw refusal(
      `${model.name} has no @id, and several unique fields: ${unique.map(({ name }) => name).join(', ')}. Make one the @id.`,
    )
  }
  return unique[0]
}
