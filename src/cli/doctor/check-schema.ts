import { tableOf } from '../schema/block-attribute.ts'
import type { Dialect } from '../schema/database-of.ts'
import { databaseOf } from '../schema/database-of.ts'
import { findFragment } from '../schema/fragment-block.ts'
import { parseSchema, type SchemaBlock, type SchemaField, type SchemaFile } from '../schema/parse-schema.ts'
import type { Finding } from './finding.ts'

/**
 * Compares the models in a Prisma schema with those that the package ships, whether `init` wrote them or somebody by hand.
 * `null`: the schema has none of them.
 *
 * @throws {CliError} if the schema can't be read.
 */
export function checkSchema(
  files: readonly SchemaFile[],
  fragments: Readonly<Record<Dialect, string>>,
): readonly Finding[] | null {
  const parsed = files.map((file) => ({ file, blocks: parseSchema(file) }))
  const blocks = parsed.flatMap((entry) => entry.blocks)
  const models = blocks.filter(({ kind }) => kind === 'model')
  const { dialect } = databaseOf(blocks, undefined)
  const shipped = parseSchema({ path: 'fragment', content: fragments[dialect] })
  const advice =
    findFragment(parsed) === null
      ? `Take it over from prisma/connectors.${dialect}.prisma of this package, then migrate.`
      : 'Run npx bapp-connectors init, then migrate.'
  const pairs = shipped.map((wanted) => ({ wanted, found: models.find((model) => tableOf(model) === tableOf(wanted)) }))
  if (pairs.every(({ found }) => found === undefined)) return null
  return pairs.flatMap(({ wanted, found }) =>
    found === undefined
      ? [
          {
            code: 'SCHEMA_MODEL_MISSING' as const,
            message: `The schema has no model ${wanted.name} (table ${tableOf(wanted)}).`,
            advice,
            examples: [wanted.name],
          },
        ]
      : compared(wanted, found, { advice, ours: new Set(shipped.map(({ name }) => name)), models }),
  )
}

function compared(
  wanted: SchemaBlock,
  found: SchemaBlock,
  {
    advice,
    ours,
    models,
  }: { readonly advice: string; readonly ours: ReadonlySet<string>; readonly models: readonly SchemaBlock[] },
): readonly Finding[] {
  const findings: Finding[] = []
  const tell = (code: Finding['code'], what: string, message: string, otherAdvice = advice) =>
    findings.push({
      code,
      message: `${found.name}${message}`,
      advice: otherAdvice,
      examples: [`${found.name}.${what}`],
    })
  // Relations leave no column; whether they are right, Prisma says.
  for (const field of wanted.fields.filter(({ type }) => !ours.has(type))) {
    const { name } = field
    const there = found.fields.find((candidate) => candidate.name === name)
    if (there === undefined) tell('SCHEMA_FIELD_MISSING', name, ` has no field ${name}.`)
    else if (name !== 'tenantId' && typeOf(there) !== typeOf(field)) {
      tell('SCHEMA_FIELD_DIFFERS', name, `.${name} is ${typeOf(there)}, and has to be ${typeOf(field)}.`)
    }
  }
  const names = new Set(wanted.fields.map(({ name }) => name))
  const related = new Set(models.map(({ name }) => name))
  for (const { name, type, mark, attributes } of found.fields) {
    const isFilled = mark !== '' || related.has(type) || /@(default|updatedAt)\b/.test(attributes)
    if (names.has(name) || isFilled) continue
    const otherAdvice = 'Make it optional, or give it a default, then migrate.'
    tell('SCHEMA_FIELD_FOREIGN', name, `.${name} is required, and the library doesn't write it.`, otherAdvice)
  }
  const indexes = new Set(found.blockAttributes.map(indexOf))
  for (const index of wanted.blockAttributes.map(indexOf)) {
    if (index !== null && !indexes.has(index)) tell('SCHEMA_INDEX_MISSING', index, ` has no ${index}.`)
  }
  return findings
}

/** `String? @db.VarChar(64)`, whatever the datasource is called. */
function typeOf({ type, mark, attributes }: SchemaField): string {
  const native = /@\w+\.(\w+(?:\([^)]*\))?)/.exec(attributes)?.[1]
  return `${type}${mark}${native === undefined ? '' : ` @db.${native}`}`
}

/** `@@index([tenantId, id])` of any way to write it; `null` for other attributes. */
function indexOf(attribute: string): string | null {
  const [, kind, fields = ''] = /^@@(index|unique)\s*\([^[]*\[([^\]]*)\]/.exec(attribute) ?? []
  if (kind === undefined) return null
  const names = fields.split(',').map((name) => name.replace(/\(.*/, '').trim())
  return `@@${kind}([${names.filter(Boolean).join(', ')}])`
}
