import { globalRegistry, type z } from 'zod'

/** A schema of whatever kind, for walking. */
type Schema = z.core.$ZodType

/** The fields that a schema of credentials or settings declares by name, in the order of their declaration. */
export function fieldNamesOf(schema: z.ZodType): readonly string[] {
  const names = new Set<string>()
  for (const { shape } of objectsIn(schema)) for (const name of Object.keys(shape ?? {})) names.add(name)
  return [...names]
}

/**
 * Whether a field is secret: it, or anything within it, is declared `secret` (JSON Schema's `writeOnly` counts too). Fails closed: where several alternatives
 * declare the field, one that calls it secret is enough.
 */
export function isSecretField(schema: z.ZodType, name: string): boolean {
  for (const { node, shape, others } of objectsIn(schema)) {
    if (isSecret(node)) return true
    const declared = shape !== null && Object.hasOwn(shape, name) ? shape[name] : undefined
    const member = declared ?? others
    if (member !== undefined && holdsSecret(member)) return true
  }
  return false
}

/**
 * The credentials without those that are declared to be no secret (`secret: false`), e.g. the address of a service: what must
 * not be in logs and messages. Fails closed: a field counts as secret unless every alternative that declares it says otherwise.
 */
export function secretsOfCredentials(schema: z.ZodType, credentials: unknown): unknown {
  if (typeof credentials !== 'object' || credentials === null || Array.isArray(credentials)) return credentials
  return Object.fromEntries(Object.entries(credentials).filter(([name]) => isSecretCredential(schema, name)))
}

/** Whether a field of credentials counts as secret: every alternative that declares it would have to say otherwise. */
export function isSecretCredential(schema: z.ZodType, name: string): boolean {
  if (isSecretField(schema, name)) return true
  const declarations = objectsIn(schema).flatMap(({ shape, others }) => {
    if (shape === null) return others ?? []
    return Object.hasOwn(shape, name) ? (shape[name] ?? []) : (others ?? [])
  })
  return declarations.length === 0 || declarations.some((declared) => globalRegistry.get(declared)?.secret !== false)
}

interface ObjectNode {
  readonly node: Schema
  readonly shape: Readonly<Record<string, Schema>> | null
  /** What members have to be that the shape doesn't name. */
  readonly others: Schema | undefined
}

/** The objects that a value of the schema may be, and every wrapper around them, which may be annotated too. */
function objectsIn(schema: Schema, seen = new Set<Schema>()): readonly ObjectNode[] {
  if (seen.has(schema)) return []
  seen.add(schema)
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'object':
      return [{ node: schema, shape: def.shape, others: def.catchall }]
    case 'record':
      return [{ node: schema, shape: null, others: def.valueType }]
    default:
      return [
        { node: schema, shape: null, others: undefined },
        ...partsOf(schema).flatMap((part) => objectsIn(part, seen)),
      ]
  }
}

function isSecret(schema: Schema): boolean {
  const { secret, writeOnly } = globalRegistry.get(schema) ?? {}
  return secret === true || writeOnly === true
}

function holdsSecret(schema: Schema, seen = new Set<Schema>()): boolean {
  if (seen.has(schema)) return false
  seen.add(schema)
  return isSecret(schema) || partsOf(schema).some((part) => holdsSecret(part, seen))
}

/** Every schema that a schema is directly made of, whatever its kind: what zod adds later is walked too. */
function partsOf(schema: Schema): readonly Schema[] {
  const { def } = schema._zod
  const parts = Object.values(def).flatMap((value: unknown) => {
    if (isSchema(value) || typeof value !== 'object' || value === null) return [value]
    return Object.values(value)
  })
  const lazy = (def as { readonly getter?: () => unknown }).getter?.()
  return [...parts, lazy].filter(isSchema)
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && '_zod' in value
}
