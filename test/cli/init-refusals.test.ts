import { expect, test } from 'vitest'
import { applicationFolder } from './application-folder.ts'

const datasource = (provider: string) => `datasource db {\n  provider = "${provider}"\n}\n`
const company = (id = 'Int @id @default(autoincrement())') =>
  `model Company {\n  id   ${id}\n  name String\n\n  @@map("companies")\n}\n`
const schema = (provider = 'postgresql', id?: string) => `${datasource(provider)}\n${company(id)}`
const single = (content: string) => applicationFolder({ 'prisma/schema.prisma': content })
const init = 'init --tenant-model Company'

const refusals: readonly (readonly [why: string, content: string, args: string, said: string])[] = [
  ['no tenant model is named', schema(), 'init', 'The schema has: Company.'],
  ['there are no models', datasource('sqlite'), init, 'It has no models at all.'],
  [
    'the tenant model is not there',
    schema(),
    'init --tenant-model Shop',
    'no model Shop in the schema. It has: Company.',
  ],
  ['MongoDB', schema('mongodb'), init, "mongodb, which bapp-connectors doesn't support"],
  ['SQL Server', schema('sqlserver'), init, "sqlserver, which bapp-connectors doesn't support"],
  ['CockroachDB', schema('cockroachdb'), init, "cockroachdb, which bapp-connectors doesn't support"],
  ['the database is another one', schema(), `${init} --dialect sqlite`, '--dialect says sqlite'],
  ['no database is named', company(), init, '--dialect sqlite|postgresql|mysql'],
  [
    'model names clash',
    `${schema()}model connection {\n  id Int @id\n}\nenum WebhookEvent {\n  a\n}\n`,
    init,
    'model connection (prisma/schema.prisma), enum WebhookEvent (prisma/schema.prisma)',
  ],
  [
    'the id is composite',
    `${datasource('sqlite')}model Company {\n  a Int\n  b Int\n  @@id(name: "ab", fields: [a, b(sort: Desc)])\n}\n`,
    init,
    'The id of Company is a and b',
  ],
  ['the model has no id', `${datasource('sqlite')}model Company {\n  a Int? @unique\n}\n`, init, 'Company has no @id'],
  [
    'several fields could be the id',
    `${datasource('sqlite')}model Company {\n  a Int @unique\n  b Int @unique\n}\n`,
    init,
    'several unique fields: a, b',
  ],
  ['the id is an instant', schema('sqlite', 'DateTime @id'), init, 'Company.id is of type DateTime'],
  ['the id has another type than asked for', schema(), `${init} --tenant-id String`, 'Company.id is Int'],
  ['the id is no uuid', schema('postgresql', 'String @id'), `${init} --tenant-id uuid`, 'Company.id is String'],
  ['no relation and no type', schema(), 'init --no-relation', '--tenant-id String|Int|BigInt|uuid'],
  ['there are two datasources', `${datasource('sqlite')}${schema()}`, init, 'several datasources (db, db)'],
  ['the tenant model is there twice', `${schema()}${company()}`, init, 'the model Company more than once'],
  [
    'the tenant model is a view',
    `${schema()}view Client {\n  id Int @unique\n}\n`,
    'init --tenant-model Client',
    'Client is of another kind (view)',
  ],
  [
    'the tenant model is ignored',
    `${datasource('sqlite')}model Company {\n  id Int @id\n  @@ignore\n}\n`,
    init,
    'Company has @@ignore',
  ],
  [
    'a table has the name of ours',
    `${schema()}model Plug {\n  id Int @id\n\n  @@map(name: "connectors_connection")\n}\n`,
    `${init} --prefix Shop`,
    'connectors_connection of model Plug (prisma/schema.prisma)',
  ],
  [
    'a model that has no other name is a table of ours',
    `${schema()}model connectors_sync_state {\n  id Int @id\n}\n`,
    init,
    'connectors_sync_state of model connectors_sync_state',
  ],
  ['a block has no end', `${schema()}model Open {\n  id Int @id\n`, init, 'has no closing brace'],
]

test.each(refusals)('refused, with the reason: %s', async (_, content, args, said) => {
  const folder = await single(content)
  const outcome = await folder.run(args)
  expect(outcome).toMatchObject({ code: 1, stdout: '' })
  expect(outcome.stderr).toContain(said)
  expect(await folder.read('prisma/schema.prisma')).toBe(content)
})
