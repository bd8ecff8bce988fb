import type { z } from 'zod'
import type { CatalogField, CatalogForm } from './catalog.ts'
import { formSchema, isRequired, propertyOf } from './form-schema.ts'
import type { Json } from './json.ts'
import { labelOf } from './label-of.ts'
import { fieldNamesOf } from './secret-field.ts'

/** Turns a schema of credentials or settings into what a form needs. Throws what zod throws where metadata is no JSON. */
export function describeForm(
  schema: z.ZodType,
  {
    isSecret,
    choiceFields,
  }: { readonly isSecret: (name: string) => boolean; readonly choiceFields: readonly string[] },
): CatalogForm {
  const names = fieldNamesOf(schema)
  const rendered = formSchema(schema, names, isSecret)
  const described = names.map((name) => {
    const { label, help, placeholder, order } = propertyOf(rendered, name) ?? {}
    const field: CatalogField = {
      name,
      label: textOr(label, labelOf(name)),
      help: textOr(help, null),
      placeholder: textOr(placeholder, null),
      isSecret: isSecret(name),
      isRequired: isRequired(rendered, name),
      hasChoices: choiceFields.includes(name),
    }
    return { field, order: typeof order === 'number' ? order : Number.POSITIVE_INFINITY }
  })
  // Sorting is stable; two without a number would be infinity less infinity.
  const fields = described.sort((a, b) => (a.order === b.order ? 0 : a.order - b.order)).map(({ field }) => field)
  return { schema: rendered, fields }
}

function textOr<Otherwise>(value: Json | undefined, otherwise: Otherwise): string | Otherwise {
  return typeof value === 'string' && value !== '' ? value : otherwise
}
