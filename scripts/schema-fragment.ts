import { readFile } from 'node:fs/promises'

/** The databases for which a schema fragment is shipped, by Prisma's name of the provider. */
export const dialects = ['sqlite', 'postgresql', 'mysql'] as const

/** A database for which a schema fragment is shipped. */
export type Dialect = (typeof dialects)[number]

/** A column's kind in `prisma/connectors.template`, and what it is on a database. */
type ColumnType = Readonly<Record<Dialect, string>>

const everywhere = (type: string): ColumnType => ({ sqlite: type, postgresql: type, mysql: type })

/**
 * What the template's words stand for. On PostgreSQL Prisma's defaults are right: text, bytea, jsonb, timestamp(3) (why not
 * timestamptz: docs/decisions/postgresql-instants.md). MySQL indexes 3,072 bytes, 4 for each character: whatever is part of a key has a length.
 */
const columnTypes: Readonly<Record<string, ColumnType>> = {
  /** A uuid, a hash in hex, or one of them in another column. */
  Id: { ...everywhere('String'), mysql: 'String @db.VarChar(64)' },
  TenantId: { ...everywhere('String'), mysql: 'String @db.VarChar(191)' },
  /** A word of ours, or a name that `defineProvider` limits to 63 characters. */
  Name: { ...everywhere('String'), mysql: 'String @db.VarChar(64)' },
  /** What is looked for exactly. */
  Key: { ...everywhere('String'), mysql: 'String @db.VarChar(191)' },
  /** Text of any length. */
  Text: { ...everywhere('String'), mysql: 'String @db.LongText' },
  Bytes: { ...everywhere('Bytes'), mysql: 'Bytes @db.LongBlob' },
  Json: everywhere('Json'),
  Instant: { ...everywhere('DateTime'), mysql: 'DateTime @db.DateTime(3)' },
  Int: everywhere('Int'),
  /** A count that may grow beyond 32 bits. */
  BigInt: everywhere('BigInt'),
  Boolean: everywhere('Boolean'),
}

const names: Readonly<Record<Dialect, string>> = {
  sqlite: 'SQLite',
  postgresql: 'PostgreSQL',
  mysql: 'MySQL and MariaDB',
}

const tenantIdTypes: Readonly<Record<Dialect, string>> = {
  sqlite: 'String, Int or BigInt',
  postgresql: 'String, Int, BigInt or String @db.Uuid',
  mysql: 'String with the length of your id, Int or BigInt',
}

/** The schema fragment of a database, as it stands in `prisma/connectors.<dialect>.prisma`. */
export async function schemaFragment(dialect: Dialect): Promise<string> {
  const template = await readFile(new URL('../prisma/connectors.template', import.meta.url), 'utf8')
  const header = [
    `// The tables of bapp-connectors, for ${names[dialect]}. Copy this file next to your own schema files and adapt two places:`,
    `// the type of \`tenantId\` in all models (${tenantIdTypes[dialect]}, as the id of your tenant model is),`,
    '// and, in the model Connection, the line that points to your tenant model.',
    '// Model names may be changed (tell prismaRepositories with `models`); field names may not.',
    '',
    '',
  ].join('\n')
  return header + template.replace(/^model \w+ \{\n[^}]*^\}/gm, (model) => withTypes(model, dialect))
}

/** A model with the columns' types filled in and aligned, as `prisma format` does it. */
function withTypes(model: string, dialect: Dialect): string {
  const lines = model.split('\n').map((line) => {
    const [, name = '', kind = '', mark = '', rest = ''] = /^ {2}(\w+) (\w+)(\?|\[\])?(.*)$/.exec(line) ?? []
    if (name === '') return line
    // Any other word is a model.
    const [type = '', ...native] = (columnTypes[kind]?.[dialect] ?? kind).split(' ')
    return [name, type + mark, [rest.trim(), ...native].filter((part) => part !== '').join(' ')]
  })
  return lines
    .map((line, index) => (typeof line === 'string' ? line : aligned(line, blockAround(lines, index))))
    .join('\n')
}

/** The columns that are aligned with the one at `index`: up to the next blank line. */
function blockAround(lines: readonly (string | readonly string[])[], index: number): readonly (readonly string[])[] {
  const start = lines.lastIndexOf('', index) + 1
  const end = lines.indexOf('', index)
  return lines.slice(start, end === -1 ? lines.length : end).filter((line) => typeof line !== 'string')
}

function aligned(column: readonly string[], block: readonly (readonly string[])[]): string {
  const width = (part: number) => Math.max(...block.map((line) => line[part]?.length ?? 0))
  const [name = '', type = '', attributes = ''] = column
  return `  ${name.padEnd(width(0))} ${type.padEnd(width(1))} ${attributes}`.trimEnd()
}
