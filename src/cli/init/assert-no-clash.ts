import { refusal } from '../cli-error.ts'
import { databaseSchemaOf, tableOf } from '../schema/block-attribute.ts'
import type { ParsedFile, SchemaBlock } from '../schema/parse-schema.ts'

/**
 * Makes sure that our models and tables get names which the schema doesn't have yet.
 *
 * @throws {CliError} naming what is taken.
 */
export function assertNoClash(
  shipped: readonly SchemaBlock[],
  { prefix, databaseSchema }: { readonly prefix: string; readonly databaseSchema: string | null },
  parsed: readonly ParsedFile[],
): void {
  // Two models that differ in the case of their first letter are one property of the client.
  const property = (name: string) => name.slice(0, 1).toLowerCase() + name.slice(1)
  const properties = shipped.map(({ name }) => property(prefix + name))
  const tables = shipped.map(tableOf)
  const blocks = parsed.flatMap(({ file, blocks: inFile }) => inFile.map((block) => ({ file, block })))
  const shown = ({ file, block }: (typeof blocks)[number]) => `${block.kind} ${block.name} (${file.path})`
  const named = blocks
    .filter(({ block }) => !/^(datasource|generator)$/.test(block.kind) && properties.includes(property(block.name)))
    .map(shown)
  if (named.length > 0) {
    throw refusal(
      `The schema has these already: ${named.join(', ')}. Give ours other names with --prefix, e.g. --prefix Connectors. ` +
        'If they are the fragment, merged by hand, remove them and run init again.',
    )
  }
  const mapped = blocks
    .filter(({ block }) => /^(model|view)$/.test(block.kind) && databaseSchemaOf(block) === databaseSchema)
    .filter(({ block }) => tables.includes(tableOf(block)))
    .map((entry) => `${tableOf(entry.block)} of ${shown(entry)}`)
  if (mapped.length === 0) return
  throw refusal(
    `Tables of the schema have the names of ours: ${mapped.join(', ')}. If they are the fragment, merged by hand or by ` +
      '"prisma db pull", remove these models and run init again. Otherwise map them to other names.',
  )
}
