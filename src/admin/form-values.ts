import type { CatalogField, CatalogForm } from '../core/domain/catalog.ts'
import { propertyOf } from '../core/domain/form-schema.ts'
import type { Json, JsonObject } from '../core/domain/json.ts'

/** What is asked for in an input, as its JSON Schema says. */
export type InputKind =
  | { readonly kind: 'text' | 'number' | 'flag' | 'json' }
  | { readonly kind: 'choice'; readonly values: readonly Json[] }

/** The kind of input for a field. */
export function inputKindOf({ schema }: CatalogForm, { name }: Pick<CatalogField, 'name'>): InputKind {
  const property = propertyOf(schema, name) ?? {}
  const candidates = [property, ...(Array.isArray(property.anyOf) ? property.anyOf : [])].filter(isObject)
  for (const { enum: values, const: only, type } of candidates) {
    if (Array.isArray(values)) return { kind: 'choice', values }
    if (only !== undefined) return { kind: 'choice', values: [only] }
    if (type === 'boolean') return { kind: 'flag' }
    if (type === 'number' || type === 'integer') return { kind: 'number' }
    if (type === 'object' || type === 'array') return { kind: 'json' }
    if (type === 'string') return { kind: 'text' }
  }
  return { kind: 'text' }
}

/** The name of an input of a form, so that it can't be taken for another part of it. */
export function inputName({ name }: Pick<CatalogField, 'name'>): string {
  return `field.${name}`
}

/** The name of the box that takes a secret setting away. */
export function removalName({ name }: Pick<CatalogField, 'name'>): string {
  return `remove.${name}`
}

/**
 * What a filled-in form says. An empty input is an absent field; whether one has to be there, the provider's schema decides.
 * What can't be read as what the field takes is left as text, for the schema to refuse.
 */
export function formValues(form: CatalogForm, data: FormData): JsonObject {
  const entries = form.fields.flatMap((field): [string, Json][] => {
    if (field.isSecret && data.get(removalName(field)) === 'yes') return [[field.name, null]]
    const given = data.get(inputName(field))
    return typeof given === 'string' && given !== '' ? [[field.name, readValue(inputKindOf(form, field), given)]] : []
  })
  return Object.fromEntries(entries)
}

function readValue(input: InputKind, given: string): Json {
  switch (input.kind) {
    case 'text':
      return given
    case 'number':
      return given.trim() !== '' && Number.isFinite(Number(given)) ? Number(given) : given
    case 'flag':
      return given === 'true' ? true : given === 'false' ? false : given
    case 'choice':
      return input.values.find((value) => String(value) === given) ?? given
    case 'json':
      try {
        return JSON.parse(given) as Json
      } catch {
        return given
      }
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
