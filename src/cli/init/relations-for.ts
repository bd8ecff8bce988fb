import type { FragmentBlock } from '../schema/fragment-block.ts'
import type { SchemaField } from '../schema/parse-schema.ts'

/**
 * The lines by which our models point to the user's. They are his: what stands there stays, but for the field that the
 * tenant is referred to by. Only where there is no relation to the tenant yet, it is added.
 */
export function relationsFor(
  existing: FragmentBlock | null,
  tenant: { readonly model: string; readonly field: string } | null,
) {
  const textOf = (field: SchemaField) => {
    const text = field.line.text.trim().replaceAll(/\r\n?/g, '\n')
    return field === existing?.tenant && tenant !== null
      ? text.replace(/(\breferences\s*:\s*\[\s*)\w+/, (_, before: string) => before + tenant.field)
      : text
  }
  const lines = new Map([...(existing?.relations ?? [])].map(([model, fields]) => [model, fields.map(textOf)]))
  if (tenant === null || existing?.tenant) return lines
  const line = `tenant ${tenant.model} @relation(fields: [tenantId], references: [${tenant.field}], onDelete: Cascade)`
  return lines.set('Connection', [line, ...(lines.get('Connection') ?? [])])
}

/** Whether one of the lines doesn't stand in the fragment yet. */
export function hasNewLines(existing: FragmentBlock, relations: ReadonlyMap<string, readonly string[]>): boolean {
  return [...relations.values()].flat().some((line) => !existing.body.replaceAll(/\r\n?/g, '\n').includes(line))
}
