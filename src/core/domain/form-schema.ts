import { z } from 'zod'
import type { Json, JsonObject } from './json.ts'

/** What could give a secret away: a value that the schema itself proposes. */
const proposals: ReadonlySet<string> = new Set(['default', 'example', 'examples'])

/**
 * The JSON Schema of what a form gives to a schema, with the metadata of its fields. Nothing in it proposes a value for a
 * field that is secret. Throws what zod throws where metadata is no JSON.
 *
 * @param isSecret - whether a field of the outermost object is.
 */
export function formSchema(
  schema: z.ZodType,
  names: readonly string[],
  isSecret: (name: string) => boolean,
): JsonObject {
  // zod makes it by JSON.parse, whatever its type says. What JSON Schema can't say (a date, code) may be anything there.
  const rendered = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonObject
  const open = names.length === 0 && isSecret('')
  return open || names.some(isSecret) ? withoutSecretProposals(rendered, isSecret) : rendered
}

/** A member of the outermost object that a form's schema describes; the first alternative that has one decides. */
export function propertyOf(root: JsonObject, name: string): JsonObject | null {
  const find = (node: JsonObject, seen: readonly string[]): JsonObject | null => {
    const { properties } = node
    if (isObject(properties) && Object.hasOwn(properties, name)) {
      const property = properties[name]
      if (isObject(property)) return resolve(root, property)
    }
    for (const part of partsOf(root, node, seen)) {
      const found = find(part.node, part.seen)
      if (found !== null) return found
    }
    return null
  }
  return find(root, [])
}

/** Whether a form's schema takes no object without this member. */
export function isRequired(root: JsonObject, name: string): boolean {
  const requires = (node: JsonObject, seen: readonly string[]): boolean => {
    if (Array.isArray(node.required) && node.required.includes(name)) return true
    const parts = partsOf(root, node, seen).map(({ node: part, seen: known }) => requires(part, known))
    if (parts.length === 0) return false
    return node.anyOf !== undefined || node.oneOf !== undefined ? parts.every(Boolean) : parts.some(Boolean)
  }
  return requires(root, [])
}

function partsOf(root: JsonObject, node: JsonObject, seen: readonly string[]) {
  if (typeof node.$ref === 'string') {
    if (seen.includes(node.$ref)) return []
    return [{ node: resolve(root, node), seen: [...seen, node.$ref] }]
  }
  return [node.anyOf, node.oneOf, node.allOf]
    .flatMap((parts) => (Array.isArray(parts) ? parts : []))
    .filter(isObject)
    .map((part) => ({ node: part, seen }))
}

/** What `$ref` points at, with what stands beside it. */
function resolve(root: JsonObject, node: JsonObject): JsonObject {
  const { $ref, ...own } = node
  if (typeof $ref !== 'string') return node
  if ($ref === '#') return { ...root, ...own }
  const name = $ref.replace('#/$defs/', '')
  const target = isObject(root.$defs) && Object.hasOwn(root.$defs, name) ? root.$defs[name] : undefined
  return isObject(target) ? { ...target, ...own } : own
}

/** Fails closed: values are proposed only within the members that are no secret, wherever else they could stand. */
function withoutSecretProposals(node: JsonObject, isSecret: (name: string) => boolean): JsonObject {
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key]) => !proposals.has(key))
      .map(([key, value]) => {
        if (key === 'properties' && isObject(value)) {
          const members = Object.entries(value).map(([name, member]) => [name, isSecret(name) ? bare(member) : member])
          return [key, Object.fromEntries(members)]
        }
        if (['anyOf', 'oneOf', 'allOf'].includes(key) && Array.isArray(value)) {
          return [key, value.map((part: Json) => (isObject(part) ? withoutSecretProposals(part, isSecret) : part))]
        }
        return [key, bare(value)]
      }),
  )
}

function bare(value: Json): Json {
  if (Array.isArray(value)) return value.map((part: Json) => bare(part))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !proposals.has(key))
      .map(([key, part]) => {
        // There a key is the name of a member, and not a word of JSON Schema.
        if (key !== 'properties' || !isObject(part)) return [key, bare(part)]
        return [key, Object.fromEntries(Object.entries(part).map(([name, member]) => [name, bare(member)]))]
      }),
  )
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
