import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { findFragment, wrapFragment } from '../../src/cli/schema/fragment-block.ts'
import { parseSchema } from '../../src/cli/schema/parse-schema.ts'
import { applicationFolder } from './application-folder.ts'
import { prismaComplaint, prismaFormatted } from './prisma-complaint.ts'

const datasource = (provider: string) => `datasource db {\n  provider = "${provider}"\n}\n`
const company = (id = 'Int @id @default(autoincrement())') =>
  `model Company {\n  id   ${id}\n  name String\n\n  @@map("companies")\n}\n`
const schema = (provider = 'postgresql', id?: string) => `${datasource(provider)}\n${company(id)}`
const single = (content: string) => applicationFolder({ 'prisma/schema.prisma': content })
const init = 'init --tenant-model Company'

const ids: Readonly<Record<string, readonly (readonly [id: string, column: string])[]>> = {
  sqlite: [
    ['String @id @default(uuid())', 'String'],
    ['Int @id @default(autoincrement())', 'Int'],
    ['BigInt @id', 'BigInt'],
  ],
  postgresql: [
    ['String @id @default(cuid())', 'String'],
    ['Int @id @default(autoincrement())', 'Int'],
    ['BigInt @id @default(autoincrement())', 'BigInt'],
    ['String @id @default(dbgenerated("gen_random_uuid()")) @db.Uuid', 'String @db.Uuid'],
    ['String @db.VarChar(26) @id @map("company_id")', 'String @db.VarChar(26)'],
    ['Int @id @db.SmallInt', 'Int @db.SmallInt'],
  ],
  mysql: [
    ['String @id @default(cuid())', 'String @db.VarChar(191)'],
    ['String @id @db.Char(36)', 'String @db.Char(36)'],
    ['Int @id @default(autoincrement())', 'Int'],
    ['Int @id @default(autoincrement()) @db.UnsignedInt', 'Int @db.UnsignedInt'],
    ['BigInt @id', 'BigInt'],
  ],
}

describe.each(Object.entries(ids))('on %s', (provider, cases) => {
  test.each(cases)('an id %s gives valid columns %s, in one file', async (id, column) => {
    const folder = await single(schema(provider, id))
    expect(await folder.run(init)).toMatchObject({ code: 0, stderr: '' })
    const merged = await folder.read('prisma/schema.prisma')
    expect(prismaComplaint({ 'schema.prisma': merged })).toBeNull()
    const columns = [...merged.matchAll(/^ +tenantId +(.*)$/gm)].map(([, type]) => type?.replace(/ +/g, ' '))
    expect(columns).toEqual(Array(5).fill(column))
  })

  test.each(cases)('an id %s gives a valid schema of several files', async (id) => {
    const folder = await applicationFolder({
      'prisma/schema/main.prisma': datasource(provider),
      'prisma/schema/models/company.prisma': company(id),
    })
    expect(await folder.run(init)).toMatchObject({ code: 0, stderr: '' })
    const files = await folder.snapshot()
    expect(Object.keys(files)).toEqual([
      'prisma/schema/connectors.prisma',
      'prisma/schema/main.prisma',
      'prisma/schema/models/company.prisma',
    ])
    expect(prismaComplaint(files)).toBeNull()
    expect(files['prisma/schema/main.prisma']).toBe(datasource(provider))
  })
})

test('the models, the relation and its other end are there, and the rest of the file is as it was', async () => {
  const before = schema()
  const folder = await single(before)
  await folder.run(init)
  const after = await folder.read('prisma/schema.prisma')
  expect(after).toContain('  tenant Company @relation(fields: [tenantId], references: [id], onDelete: Cascade)\n')
  const line = '  connections Connection[]\n'
  expect(after).toContain(`  name String\n${line}\n  @@map("companies")`)
  expect(after.replace(line, '').slice(0, before.length)).toBe(before)
})

test('a second run changes nothing, needs no flags and says so', async () => {
  const folder = await single(schema())
  await folder.run(`${init} --prefix Shop`)
  const once = await folder.snapshot()
  for (const again of [`${init} --prefix Shop`, 'init', 'init --dry-run', 'init --force']) {
    expect(await folder.run(again)).toEqual({
      code: 0,
      stdout: 'The schema is up to date; nothing is changed.\n',
      stderr: '',
    })
  }
  expect(await folder.snapshot()).toEqual(once)
})

test('what comes next is told, with the models option that a prefix needs', async () => {
  const plain = await (await single(schema())).run(init)
  for (const command of ['npx prisma migrate dev', 'npx prisma db push', 'npx prisma generate', 'keygen']) {
    expect(plain.stdout).toContain(command)
  }
  expect(plain.stdout).toContain('createConnectors(prismaRepositories(prisma), {')
  const prefixed = await (await single(schema())).run(`${init} --prefix Shop`)
  expect(prefixed.stdout).toContain("connection: 'shopConnection',")
  expect(prefixed.stdout).toContain("oauthState: 'shopOAuthState',")
})

test('a prefix renames the models and everything that points to them', async () => {
  const folder = await single(`${schema()}\nmodel Connection {\n  id Int @id\n}\n\nenum SyncState {\n  on\n  off\n}\n`)
  expect((await folder.run(`${init} --prefix Shop`)).code).toBe(0)
  const merged = await folder.read('prisma/schema.prisma')
  expect(prismaComplaint({ 'schema.prisma': merged })).toBeNull()
  expect([...merged.matchAll(/^model (\w+)/gm)].map(([, name]) => name)).toEqual([
    'Company',
    'Connection',
    'ShopConnection',
    'ShopSyncState',
    'ShopWebhookEvent',
    'ShopExecutionLog',
    'ShopOAuthState',
  ])
  expect(merged).toContain('  shopConnections ShopConnection[]\n')
})

test('--dry-run writes nothing, and its diff is the change', async () => {
  const files = { 'prisma/schema/main.prisma': datasource('mysql'), 'prisma/schema/company.prisma': company() }
  const dry = await applicationFolder(files)
  const before = await dry.snapshot()
  const { code, stdout } = await dry.run(`${init} --dry-run`)
  expect(code).toBe(0)
  expect(await dry.snapshot()).toEqual(before)

  const real = await applicationFolder(files)
  await real.run(init)
  await dry.write('change.diff', stdout)
  await promisify(execFile)('git', ['apply', '-p1', 'change.diff'], { cwd: dry.cwd })
  const { 'change.diff': _, ...patched } = await dry.snapshot()
  expect(patched).toEqual(await real.snapshot())
})

test('prisma format is no edit, and an upgrade afterwards goes through', async () => {
  const folder = await single(schema('mysql', 'String @id @db.Char(36)'))
  await folder.run(init)
  const formatted = prismaFormatted((await folder.read('prisma/schema.prisma')).replace(/^ +/gm, '        '))
  await folder.write('prisma/schema.prisma', formatted)
  expect((await folder.run('init')).stdout).toContain('up to date')
  // The tenant's id changes: the columns follow.
  await folder.write(
    'prisma/schema.prisma',
    formatted.replace(/(model Company \{\s+id +)\S+ +(@id) @db\S+/, '$1Int $2'),
  )
  expect(await folder.run('init')).toMatchObject({ code: 0, stderr: '' })
  const merged = await folder.read('prisma/schema.prisma')
  expect(merged.match(/^ +tenantId +Int$/gm)).toHaveLength(5)
  expect(prismaComplaint({ 'schema.prisma': merged })).toBeNull()
})

test('a run that was cut short between two files is completed by the next one', async () => {
  const folder = await applicationFolder({
    'prisma/schema/main.prisma': datasource('sqlite'),
    'prisma/schema/company.prisma': company(),
  })
  await folder.run(init)
  const whole = await folder.snapshot()
  await folder.write('prisma/schema/company.prisma', company())
  expect((await folder.run('init')).stdout).toContain('changed prisma/schema/company.prisma')
  expect(await folder.snapshot()).toEqual(whole)
})

test('moved columns and empty lines are no edit', async () => {
  const folder = await single(schema())
  await folder.run(init)
  const moved = (await folder.read('prisma/schema.prisma')).replace(/^( +\w+) +(\w)/gm, '\n$1       $2')
  await folder.write('prisma/schema.prisma', moved)
  expect((await folder.run('init')).stdout).toContain('up to date')
  // With another type of id it is rewritten without asking.
  await folder.write('prisma/schema.prisma', moved.replace('Int @id @default(autoincrement())', 'BigInt @id'))
  expect(await folder.run('init')).toMatchObject({ code: 0, stderr: '' })
})

test('an edited fragment is shown and left alone; --force takes the edit back', async () => {
  const folder = await single(schema())
  await folder.run(init)
  const clean = await folder.read('prisma/schema.prisma')
  const edited = clean.replace('  syncStates SyncState[]', '  syncStates SyncState[]\n  note String?')
  await folder.write('prisma/schema.prisma', edited)
  for (const flags of ['', ' --dry-run']) {
    const refused = await folder.run(`init${flags}`)
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('was edited')
    expect(refused.stderr).toContain('\n-  note String?\n')
    expect(await folder.read('prisma/schema.prisma')).toBe(edited)
  }
  expect((await folder.run('init --force')).code).toBe(0)
  expect(await folder.read('prisma/schema.prisma')).toBe(clean)
})

test('a block that an older version wrote is brought up to date', async () => {
  const folder = await single(schema())
  await folder.run(init)
  const clean = await folder.read('prisma/schema.prisma')
  // An older fragment lacked a column, and its marker has the hash of that.
  const file = { path: 'x', content: clean }
  const block = findFragment([{ file, blocks: parseSchema(file) }])!
  const [body, ownBody] = [block.body, block.ownBody].map((text) => text.replace(/^ +lastError .*\n/m, ''))
  const older = wrapFragment(body!, ownBody!, '\n')
  await folder.write('prisma/schema.prisma', clean.slice(0, block.start) + older + clean.slice(block.end))
  expect(await folder.run('init')).toMatchObject({ code: 0, stderr: '' })
  expect(await folder.read('prisma/schema.prisma')).toBe(clean)
})

test.each([
  ['--prefix Other', 'no prefix and the tenant model Company'],
  ['--tenant-model Person', 'no prefix and the tenant model Company'],
  ['--no-relation --tenant-id Int', 'no prefix and the tenant model Company'],
])('after a run, %s is refused: it would leave the other end of the relation behind', async (flags, was) => {
  const folder = await single(`${schema()}\nmodel Person {\n  id Int @id\n}\n`)
  await folder.run(init)
  const before = await folder.snapshot()
  const refused = await folder.run(`init ${flags}`)
  expect(refused).toMatchObject({ code: 1, stdout: '' })
  expect(refused.stderr).toContain(was)
  expect(await folder.snapshot()).toEqual(before)
})

test.each([
  ['the end marker is gone', (text: string) => text.replace('// <<< bapp-connectors', '')],
  ['the begin marker is gone', (text: string) => text.replace(/^\/\/ >>> bapp.*$/m, '')],
  ['there are two blocks', (text: string) => text + text.slice(text.indexOf('// >>>'))],
])('%s: refused', async (_, damage) => {
  const folder = await single(schema())
  await folder.run(init)
  await folder.write('prisma/schema.prisma', damage(await folder.read('prisma/schema.prisma')))
  const refused = await folder.run(init)
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain("don't make one block")
})

test('the tenant model is asked for on a terminal, with the models to choose from', async () => {
  const folder = await single(`${schema()}\nmodel Person {\n  id Int @id\n}\n`)
  const asked = await folder.run('init', ' Company ')
  expect(asked.code).toBe(0)
  expect(asked.stdout).toContain('The schema has: Company, Person.')
  expect(await folder.read('prisma/schema.prisma')).toContain('tenant Company @relation')
})

test.each(['', 'Nobody'])('the answer "%s" changes nothing', async (answer) => {
  const folder = await single(schema())
  expect((await folder.run('init', answer)).code).toBe(1)
  expect(await folder.read('prisma/schema.prisma')).toBe(schema())
})

test('without a relation only the columns are written', async () => {
  for (const [dialect, type, column] of [
    ['postgresql', 'uuid', 'String @db.Uuid'],
    ['mysql', 'uuid', 'String @db.VarChar(191)'],
    ['sqlite', 'bigint', 'BigInt'],
  ]) {
    const folder = await single(datasource(dialect!))
    expect(await folder.run(`init --no-relation --tenant-id ${type}`)).toMatchObject({ code: 0, stderr: '' })
    const merged = await folder.read('prisma/schema.prisma')
    expect(prismaComplaint({ 'schema.prisma': merged })).toBeNull()
    expect(merged).not.toContain('tenant ')
    expect(merged.replace(/ +/g, ' ')).toContain(` tenantId ${column}\n`)
    for (const again of ['init', 'init --no-relation']) expect((await folder.run(again)).stdout).toContain('up to date')
  }
})

test('an id of another name, a datasource of another name and schemas of the database are followed', async () => {
  const folder = await single(
    'datasource pg {\n  provider = "postgresql"\n  schemas  = ["base", "crm"] // two\n}\n\n' +
      'model Company {\n  uid String @id @pg.Uuid // @id\n\n  @@schema("crm")\n}\n',
  )
  expect(await folder.run(init)).toMatchObject({ code: 0, stderr: '' })
  const merged = await folder.read('prisma/schema.prisma')
  expect(prismaComplaint({ 'schema.prisma': merged })).toBeNull()
  expect(merged).toContain('references: [uid]')
  expect(merged.match(/@@schema\("crm"\)/g)).toHaveLength(6)
})

test('a fragment for MySQL follows a datasource of another name', async () => {
  const folder = await single('datasource main {\n  provider = "mysql"\n}\nmodel Company {\n  id Int @id\n}\n')
  await folder.run(init)
  expect(prismaComplaint({ 'schema.prisma': await folder.read('prisma/schema.prisma') })).toBeNull()
})

test('another end of the relation that is there already is kept; a taken name is avoided', async () => {
  const kept = await single(`${datasource('sqlite')}model Company {\n  id Int @id\n  shops Connection[]\n}\n`)
  expect((await kept.run(init)).stdout).toContain('Company.shops')
  const taken = await single(`${datasource('sqlite')}model Company {\n  id Int @id\n  connections Int\n}\n`)
  expect((await taken.run(init)).stdout).toContain('Company.connectorsConnections')
  for (const folder of [kept, taken]) {
    expect(prismaComplaint({ 'schema.prisma': await folder.read('prisma/schema.prisma') })).toBeNull()
  }
  const both = await single(
    `${datasource('sqlite')}model Company {\n  id Int @id\n  connections Int\n  connectorsConnections Int\n}\n`,
  )
  expect((await both.run(init)).stderr).toContain('under another name')
})

test('line ends, a missing last line end and a mark in front stay as they are', async () => {
  const before = `\uFEFF// first\r\n${schema().replaceAll('\n', '\r\n')}// ünd ende 🎉`
  const folder = await single(before)
  expect((await folder.run(init)).code).toBe(0)
  const after = await folder.read('prisma/schema.prisma')
  expect(after.replace('  connections Connection[]\r\n', '').slice(0, before.length)).toBe(before)
  expect(after.replaceAll('\r\n', '')).not.toContain('\n')
  expect((await folder.run('init')).stdout).toContain('up to date')
})

test('a file that is no UTF-8 is not touched', async () => {
  const folder = await single('')
  await folder.write('prisma/schema.prisma', Buffer.from(`${schema()}// caf\xe9\n`, 'latin1'))
  const refused = await folder.run(init)
  expect(refused).toMatchObject({ code: 1, stderr: 'prisma/schema.prisma is not UTF-8 text.\n' })
})

test('into a folder that has a file called connectors.prisma, the fragment goes below what is there', async () => {
  const own = 'model Plug {\n  id Int @id\n}\n'
  const folder = await applicationFolder({
    'prisma/schema/main.prisma': schema(),
    'prisma/schema/connectors.prisma': own,
  })
  await folder.run(init)
  expect((await folder.read('prisma/schema/connectors.prisma')).startsWith(own)).toBe(true)
  expect(prismaComplaint(await folder.snapshot())).toBeNull()
})

test.each([
  ['@@id of one field', 'code String\n\n  @@id([code])'],
  ['the only unique field', 'code String @unique'],
])('the id may be %s', async (_, fields) => {
  const folder = await single(`${datasource('sqlite')}model Company {\n  ${fields}\n}\n`)
  expect((await folder.run(`${init} --tenant-id string`)).code).toBe(0)
  const merged = await folder.read('prisma/schema.prisma')
  expect(merged).toContain('references: [code]')
  expect(prismaComplaint({ 'schema.prisma': merged })).toBeNull()
})

test('without a datasource the dialect says which database it is', async () => {
  const folder = await single(company())
  expect((await folder.run(`${init} --dialect MySQL`)).stdout).toContain('database    mysql')
})

test('prisma itself generates a client from the result', { timeout: 60_000 }, async () => {
  const generator = 'generator client {\n  provider = "prisma-client"\n  output   = "../client"\n}\n'
  const folder = await single(`${generator}${schema()}`)
  await folder.run(init)
  const root = new URL('../../', import.meta.url).pathname
  await promisify(execFile)(
    process.execPath,
    [join(root, 'node_modules/prisma/build/index.js'), 'generate', '--schema', 'prisma/schema.prisma', '--no-hints'],
    {
      cwd: folder.cwd,
      env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
    },
  )
  expect(Object.keys(await folder.snapshot())).toContain('client/models/Connection.ts')
})
