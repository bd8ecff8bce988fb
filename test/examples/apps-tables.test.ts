import { readdir, readFile } from 'node:fs/promises'
import { is, Table } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { applicationFolder } from '../cli/application-folder.ts'
import { tableFacts } from '../support/drizzle-ddl.ts'

// What the tools of a user once made for the applications is what they would make today.

const apps = new URL('../../examples/apps/', import.meta.url)

test('`bapp-connectors init` has nothing to add to the Prisma schema of express-prisma-postgres', async () => {
  const schema = async (name: string) => {
    const path = `prisma/schema/${name}.prisma`
    return [path, await readFile(new URL(`express-prisma-postgres/${path}`, apps), 'utf8')] as const
  }
  const folder = await applicationFolder(Object.fromEntries([await schema('app'), await schema('connectors')]))
  // Else: `npx tsx ../../../src/cli/main.ts init` in the folder of the application.
  expect((await folder.run('init --dry-run --schema prisma/schema')).stdout).toContain('up to date')
})

test.each(['fastify-bullmq', 'hono-sqlite'])('the migrations of %s make the tables that it has today', async (name) => {
  const meta = new URL(`${name}/migrations/meta/`, apps)
  const [last = ''] = (await readdir(meta))
    .filter((file) => file.endsWith('_snapshot.json'))
    .toSorted()
    .toReversed()
  const { tables } = JSON.parse(await readFile(new URL(last, meta), 'utf8')) as { tables: Record<string, Snapshot> }
  const made = Object.values(tables).map(({ name, columns, indexes }) => ({
    name,
    columns: Object.values(columns).map(({ name, type, notNull }) => ({ name, type, isNotNull: notNull })),
    indexes: Object.values(indexes).map(({ name, columns, isUnique }) => ({
      name,
      columns: columns.map((column) => (typeof column === 'string' ? column : column.expression)),
      isUnique,
    })),
  }))
  const exported: unknown[] = Object.values(await import(new URL(`${name}/tables.ts`, apps).href))
  const wanted = exported
    .filter((value) => is(value, Table))
    .map((table) => {
      const { name, columns, indexes } = tableFacts(table)
      return { name, columns, indexes }
    })
  // Else: build the package, and let drizzle-kit read a copy of the folder in which it is installed.
  expect(byName(made)).toEqual(byName(wanted))
  expect(wanted).toHaveLength(7)
})

/** What drizzle-kit notes of a table. */
interface Snapshot {
  readonly name: string
  readonly columns: Readonly<
    Record<string, { readonly name: string; readonly type: string; readonly notNull: boolean }>
  >
  readonly indexes: Readonly<
    Record<
      string,
      {
        readonly name: string
        readonly columns: readonly (string | { readonly expression: string })[]
        readonly isUnique: boolean
      }
    >
  >
}

function byName<T extends { readonly name: string }>(tables: readonly T[]): readonly T[] {
  return tables.toSorted((a, b) => a.name.localeCompare(b.name))
}
