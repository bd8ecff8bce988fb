import { refusal } from '../cli-error.ts'
import type { SchemaBlock } from '../schema/parse-schema.ts'

/** Where a relation's other end goes, and what it is called. */
export interface BackRelation {
  readonly name: string
  /** To be inserted at `offset`; `null` if the model has such a field already. */
  readonly insertion: { readonly offset: number; readonly text: string } | null
}

/**
 * The field by which the tenant model lists its connections. Prisma wants one for every relation.
 *
 * @throws {CliError} if the names that we would give it are taken.
 */
export function backRelation(tenant: SchemaBlock, connectionModel: string): BackRelation {
  const existing = tenant.fields.find(({ type, mark }) => type === connectionModel && mark === '[]')
  if (existing !== undefined) return { name: existing.name, insertion: null }
  const usual = `${connectionModel.slice(0, 1).toLowerCase()}${connectionModel.slice(1)}s`
  const candidates = [usual, `connectors${connectionModel}s`]
  const name = candidates.find((candidate) => tenant.fields.every((field) => field.name !== candidate))
  const last = tenant.fields.at(-1)
  if (name === undefined || last === undefined) {
    throw refusal(
      `${tenant.name} has fields called ${candidates.join(' and ')} already. ` +
        `Add one of type ${connectionModel}[] under another name, and run init again.`,
    )
  }
  const column = Math.max(last.typeColumn - last.indent.length, name.length + 1)
  const { start, text, eol } = last.line
  const line = `${eol}${last.indent}${name.padEnd(column)}${connectionModel}[]`
  return { name, insertion: { offset: start + text.length, text: line } }
}
