import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

// The statements for MySQL are kept by hand (Prisma's schema engine as WebAssembly doesn't speak it); here they are
// compared with the schema, table by table.

const folder = new URL('../../../generated/prisma-mysql/', import.meta.url)
const nativeTypes: Readonly<Record<string, string>> = {
  String: 'VARCHAR(191)',
  Int: 'INTEGER',
  BigInt: 'BIGINT',
  Boolean: 'BOOLEAN',
  Json: 'JSON',
}

/** What a table is made of: its columns, keys and foreign keys, sorted. */
type Tables = Readonly<Record<string, readonly string[]>>

/** The tables that a schema describes, in the words of the DDL. */
function described(schema: string): Tables {
  const models = [...schema.matchAll(/^model (\w+) \{\n(.*?)^\}/gms)].map(([, name = '', body = '']) => ({
    name,
    body,
  }))
  const tableOf = (model: string) => {
    const body = models.find(({ name }) => name === model)?.body ?? ''
    return /@@map\("(\w+)"\)/.exec(body)?.[1] ?? model
  }
  return Object.fromEntries(
    models.map(({ name, body }) => {
      const facts: string[] = []
      for (const [, column = '', type = '', mark, attributes = ''] of body.matchAll(
        /^ {2}(\w+) +(\w+)(\?|\[\])?(.*)$/gm,
      )) {
        const native = /@db\.(\w+)(\(\d+\))?/.exec(attributes)
        const sqlType = native === null ? nativeTypes[type] : `${native[1]?.toUpperCase()}${native[2] ?? ''}`
        const relation = /fields: \[(\w+)\], references: \[(\w+)\], onDelete: Cascade/.exec(attributes)
        if (relation !== null) {
          facts.push(
            `FOREIGN KEY (${relation[1]}) REFERENCES ${tableOf(type)}(${relation[2]}) ON DELETE CASCADE ON UPDATE CASCADE`,
          )
        }
        const isModel = models.some((model) => model.name === type)
        if (isModel) continue
        const preset = /@default\("(.*?)"\)/.exec(attributes)
        // The application's own table; the fragment names every type.
        const plain = type === 'DateTime' && native === null ? 'DATETIME(3)' : sqlType
        facts.push(`${column} ${plain} ${mark === '?' ? 'NULL' : 'NOT NULL'}${preset ? ` DEFAULT '${preset[1]}'` : ''}`)
        if (attributes.includes('@id')) facts.push(`PRIMARY KEY (${column})`)
      }
      for (const [, kind, columns] of body.matchAll(/^ {2}@@(unique|index)\(\[(.*?)\]\)/gm)) {
        facts.push(`${kind === 'unique' ? 'UNIQUE INDEX' : 'INDEX'} (${columns})`)
      }
      return [tableOf(name), facts.sort()]
    }),
  )
}

/** The tables that the statements make. */
function made(ddl: string): Tables {
  const tables: Record<string, string[]> = {}
  for (const [, name = '', body = ''] of ddl.matchAll(
    /^CREATE TABLE `(\w+)` \(\n(.*?)\n\) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;/gms,
  )) {
    tables[name] = body
      .split('\n')
      .map((line) => line.trim().replace(/,$/, '').replaceAll('`', ''))
      .filter((line) => line !== '')
      .map((line) => line.replace(/^((?:UNIQUE )?INDEX) \w+\(/, '$1 ('))
  }
  for (const [, name = '', key = ''] of ddl.matchAll(/^ALTER TABLE `(\w+)` ADD CONSTRAINT `\w+` (.*);$/gm)) {
    tables[name]?.push(key.replaceAll('`', ''))
  }
  return Object.fromEntries(Object.entries(tables).map(([name, facts]) => [name, facts.sort()]))
}

test('the tables of the MySQL tests are those of the schema: columns, types, keys and foreign keys', async () => {
  const read = (file: string) => readFile(new URL(file, folder), 'utf8')
  const schema = `${await read('schema/app.prisma')}\n${await read('schema/connectors.prisma')}`
  const tables = described(schema)
  expect(Object.keys(tables)).toHaveLength(8)
  expect(made(await readFile(new URL('../../../prisma/test/mysql.sql', import.meta.url), 'utf8'))).toEqual(tables)
})
