import { expect, test } from 'vitest'
import { applicationFolder } from './application-folder.ts'

const schema = 'datasource db {\n  provider = "sqlite"\n}\n\nmodel Company {\n  id Int @id\n}\n'
const init = 'init --tenant-model Company'
const config = (line: string) =>
  `import { defineConfig } from 'prisma/config'\n\nexport default defineConfig({\n${line}\n})\n`

test.each([
  ['prisma.config.ts', config("  // schema: 'nowhere',\n  schema: 'db/schema.prisma',"), 'db/schema.prisma'],
  ['prisma.config.ts', config('  /* schema: "x", */ schema: "./db/app.prisma" }) // end'), 'db/app.prisma'],
  ['prisma.config.mjs', config("  schema: path.join('db', 'schema.prisma'),"), 'db/schema.prisma'],
  ['prisma.config.ts', config("  schema: join(\n    'db',\n    'schema.prisma',\n  ),"), 'db/schema.prisma'],
  ['.config/prisma.ts', config("  schema: '../db/schema.prisma',"), 'db/schema.prisma'],
  ['prisma.config.ts', config("  migrations: { path: 'migrations' },"), 'prisma/schema.prisma'],
  ['package.json', '{ "prisma": { "schema": "db/schema.prisma" } }', 'db/schema.prisma'],
  ['package.json', '{ "name": "app" }', 'prisma/schema.prisma'],
  ['package.json', '{}', 'schema.prisma'],
])('%s that says %j: the schema is changed where it is', async (name, content, path) => {
  const folder = await applicationFolder({ [name]: content, [path]: schema })
  expect(await folder.run(init)).toMatchObject({ code: 0, stderr: '' })
  expect(await folder.read(path)).toContain('model Connection {')
  expect(await folder.read(name)).toBe(content)
})

test.each([
  ['prisma/schema', 'prisma/schema/connectors.prisma', {}],
  ['prisma', 'prisma/connectors.prisma', {}],
  ['database', 'database/connectors.prisma', { 'prisma.config.ts': config("  schema: 'database/',") }],
])('of a schema of several files in %s the fragment becomes %s', async (place, target, others) => {
  const folder = await applicationFolder({
    [`${place}/main.prisma`]: schema,
    [`${place}/more/kinds.prisma`]: 'enum Kind {\n  a\n}\n',
    [`${place}/node_modules/other/schema.prisma`]: 'model Connection {\n  id Int @id\n}\n',
    [`${place}/notes.txt`]: 'model Connection {\n',
    ...others,
  })
  expect(await folder.run(init)).toMatchObject({ code: 0, stderr: '' })
  expect(await folder.read(target)).toContain('model Connection {')
})

test('a single file is preferred to the files around it, as Prisma does it', async () => {
  const folder = await applicationFolder({ 'prisma/schema.prisma': schema, 'prisma/schema/other.prisma': schema })
  await folder.run(init)
  expect(await folder.read('prisma/schema.prisma')).toContain('model Connection {')
  expect(await folder.read('prisma/schema/other.prisma')).toBe(schema)
})

test.each(['apps/api/schema.prisma', 'apps/api'])('--schema %s wins over everything', async (path) => {
  const folder = await applicationFolder({ 'prisma/schema.prisma': schema, 'apps/api/schema.prisma': schema })
  expect((await folder.run(`${init} --schema ${path}`)).code).toBe(0)
  expect(await folder.read('prisma/schema.prisma')).toBe(schema)
})

test.each([
  [{}, '', 'No Prisma schema found in '],
  [{ 'prisma/notes.txt': '' }, '', 'No Prisma schema found in '],
  [{ prisma: 'a file' }, '', 'No Prisma schema found in '],
  [{ 'prisma.config.ts': config('  schema: process.env.SCHEMA,') }, '', 'prisma.config.ts computes the path'],
  [{ 'prisma.config.ts': config('  schema: `$' + '{base}/schema.prisma`,') }, '', 'prisma.config.ts computes the path'],
  [{ 'prisma.config.ts': config("  schema: 'prisma/' + name,") }, '', 'prisma.config.ts computes the path'],
  [{ 'prisma.config.ts': config('  schema,') }, '', 'prisma.config.ts computes the path'],
  [{ 'prisma.config.ts': config("  schema: 'gone.prisma',") }, '', "gone.prisma, which isn't there"],
  [{ 'package.json': '{' }, '', 'package.json is not valid JSON'],
  [{ 'prisma/schema.prisma': schema }, '--schema gone', "gone, which isn't there"],
  [{ 'docs/a.txt': '' }, '--schema docs', 'which has no .prisma files'],
])('refused, with the reason: %j %s', async (files: Record<string, string>, flags, said) => {
  const folder = await applicationFolder(files)
  const before = await folder.snapshot()
  const outcome = await folder.run(`${init} ${flags}`)
  expect(outcome).toMatchObject({ code: 1, stdout: '' })
  expect(outcome.stderr).toContain(said)
  expect(await folder.snapshot()).toEqual(before)
})
