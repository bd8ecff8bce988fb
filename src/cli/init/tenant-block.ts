import { refusal } from '../cli-error.ts'
import type { ParsedFile, SchemaBlock } from '../schema/parse-schema.ts'

/**
 * The model of that name, and the file it is in.
 *
 * @throws {CliError} if there is none, more than one, or one that Prisma knows no relations to.
 */
export function tenantBlock(
  name: string,
  parsed: readonly ParsedFile[],
): { readonly path: string; readonly block: SchemaBlock } {
  const blocks = parsed.flatMap((entry) => entry.blocks.map((block) => ({ path: entry.file.path, block })))
  const models = blocks.filter(({ block }) => block.kind === 'model')
  const [tenant, ...more] = models.filter(({ block }) => block.name === name)
  if (tenant !== undefined && more.length > 0) {
    throw refusal(
      `The schema has the model ${name} more than once: ${[tenant, ...more].map(({ path }) => path).join(', ')}.`,
    )
  }
  if (tenant === undefined) {
    const other = blocks.find(({ block }) => block.name === name)
    const what =
      other === undefined ? '' : ` ${name} is of another kind (${other.block.kind}); a relation needs a model.`
    const names = models.map(({ block }) => block.name)
    const has = names.length === 0 ? 'It has no models at all.' : `It has: ${names.join(', ')}.`
    throw refusal(`There is no model ${name} in the schema.${what} ${has}`)
  }
  if (tenant.block.blockAttributes.some((line) => line.startsWith('@@ignore'))) {
    throw refusal(
      `${name} has @@ignore, so that Prisma knows no relations to it. Use --no-relation --tenant-id <type>.`,
    )
  }
  return tenant
}
