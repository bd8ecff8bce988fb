import { readFile } from 'node:fs/promises'
import { integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { text as sqliteText } from 'drizzle-orm/sqlite-core'
import { expect, test } from 'vitest'
import { connectorsTables } from '../../../src/adapters/drizzle/connectors-tables.ts'
import { type TableFacts, tableFacts } from '../../support/drizzle-ddl.ts'

// What Prisma makes of its fragments is the other side: both ORMs may use one database.
const sides = [
  { dialect: 'postgresql', tables: connectorsTables.pg({ tenantId: text }) },
  { dialect: 'sqlite', tables: connectorsTables.sqlite({ tenantId: (name) => sqliteText(name) }) },
] as const

test.each(sides)(
  'on $dialect the tables are those of the Prisma fragment, in every column',
  async ({ dialect, tables }) => {
    const byPrisma = await prismaTables(dialect)
    expect(Object.values(tables).map((table) => facts(tableFacts(table)))).toEqual(byPrisma)
  },
)

test('the tenant id has the type that the user chose, in every table', () => {
  const tables = connectorsTables.pg({ tenantId: uuid })
  for (const table of Object.values(tables)) {
    expect(tableFacts(table).columns.find(({ name }) => name === 'tenantId')).toEqual({
      name: 'tenantId',
      type: 'uuid',
      isNotNull: true,
    })
  }
})

test('connections alone refer to the tenant, with the rule that the user chose', () => {
  const companies = pgTable('companies', { id: integer('id').primaryKey() })
  const references = () => companies.id
  const cascading = connectorsTables.pg({ tenantId: integer, references })
  const restricting = connectorsTables.pg({ tenantId: integer, references, onDelete: 'restrict' })
  expect(tableFacts(cascading.connection).foreignKeys).toEqual([
    'foreign key ("tenantId") references "companies" ("id") on delete cascade on update cascade',
  ])
  expect(tableFacts(restricting.connection).foreignKeys).toEqual([
    'foreign key ("tenantId") references "companies" ("id") on delete restrict on update cascade',
  ])
  const { syncState, webhookEvent, executionLog, oauthState } = cascading
  expect([syncState, webhookEvent, executionLog, oauthState].map((table) => tableFacts(table).foreignKeys)).toEqual([
    ['foreign key ("connectionId") references "connectors_connection" ("id") on delete cascade on update cascade'],
    [],
    [],
    [],
  ])
})

/** The facts in the order of their names, and without the tenant relation, which the test schema of Prisma adds. */
function facts(table: TableFacts) {
  return {
    name: table.name,
    columns: table.columns,
    primaryKey: table.primaryKey,
    indexes: table.indexes.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    foreignKeys: table.foreignKeys.filter((key) => key.includes('connectors_')),
  }
}

/** The tables in the SQL that Prisma generates for the fragment. */
async function prismaTables(dialect: string) {
  const sql = await readFile(new URL(`../../../generated/prisma-${dialect}/schema.sql`, import.meta.url), 'utf8')
  const names = (list = '') => [...list.matchAll(/"(\w+)"/g)].map(([, name = '']) => name)
  return [...sql.matchAll(/CREATE TABLE "(connectors_\w+)" \(\n(.*?)\n\);/gs)].map(([, name = '', body = '']) => {
    const columns = [...body.matchAll(/^ {4}"(\w+)" ([\w()]+(?: PRECISION)?)(.*?),?$/gm)].map(
      ([, column = '', type = '', rest = '']) => ({
        name: column,
        // What Drizzle calls the same types.
        type: type
          .toLowerCase()
          .replace(/^timestamp\(/, 'timestamp (')
          .replace('boolean', dialect === 'sqlite' ? 'integer' : 'boolean'),
        isNotNull: rest.includes('NOT NULL'),
        isKey: rest.includes('PRIMARY KEY'),
      }),
    )
    const key = /PRIMARY KEY \((.*?)\)/.exec(body)?.[1]
    const statements = sql.split(';').filter((statement) => statement.includes(`"${name}"`))
    return facts({
      name,
      columns: columns.map(({ isKey: _isKey, ...column }) => column),
      primaryKey: key === undefined ? columns.filter(({ isKey }) => isKey).map((column) => column.name) : names(key),
      indexes: statements.flatMap((statement) => {
        const [, unique, index = '', on = ''] =
          /CREATE (UNIQUE )?INDEX "(\w+)" ON "\w+"\s?\((.*)\)/.exec(statement) ?? []
        return index === '' ? [] : [{ name: index, columns: names(on), isUnique: unique !== undefined }]
      }),
      foreignKeys: statements
        .filter((statement) => !statement.includes('ALTER TABLE') || statement.includes(`ALTER TABLE "${name}"`))
        .flatMap((statement) => [
          ...statement.matchAll(
            /FOREIGN KEY \((.*?)\) REFERENCES "(\w+)"\s?\((.*?)\) ON DELETE (\w+) ON UPDATE (\w+)/g,
          ),
        ])
        .map(
          ([, from = '', target = '', to = '', onDelete = '', onUpdate = '']) =>
            `foreign key (${from}) references "${target}" (${to}) on delete ${onDelete.toLowerCase()} on update ${onUpdate.toLowerCase()}`,
        )
        .filter(
          (foreignKey, index, all) =>
            all.indexOf(foreignKey) === index && (name.endsWith('sync_state') || !foreignKey.includes('connectors_')),
        ),
    })
  })
}
