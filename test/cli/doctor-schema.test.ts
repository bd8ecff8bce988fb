import { expect, test } from 'vitest'
import type { DoctorReport } from '../../src/cli/doctor/describe-examination.ts'
import { applicationFolder } from './application-folder.ts'

const base = (provider: string) =>
  `datasource db {\n  provider = "${provider}"\n}\n\nmodel Company {\n  id Int @id\n}\n`

/** A schema into which `init` has merged our models. */
async function initialised(provider = 'postgresql', flags = '') {
  const folder = await applicationFolder({ 'prisma/schema.prisma': base(provider) })
  await folder.run(`init --tenant-model Company${flags}`)
  const schema = await folder.read('prisma/schema.prisma')
  return {
    schema,
    /** Examines the schema with a change to it. */
    examine: async (from: string | RegExp = '', to = ''): Promise<DoctorReport & { readonly code: number }> => {
      const changed = schema.replace(from, to)
      expect(changed !== schema).toBe(from !== '')
      await folder.write('prisma/schema.prisma', changed)
      const { code, stdout } = await folder.run('doctor --json')
      return { code, ...JSON.parse(stdout) }
    },
  }
}

test.each([
  ['sqlite', ''],
  ['postgresql', ' --prefix Shop'],
  ['mysql', ''],
])('a schema for %s as init writes it is fine, whatever the rest needs', async (provider, flags) => {
  const { examine } = await initialised(provider, flags)
  const report = await examine()
  expect(report).toMatchObject({ code: 0, status: 'healthy', findings: [] })
  expect(report.checks.slice(0, 2)).toEqual([
    { name: 'schema', status: 'checked', reason: null },
    { name: 'application', status: 'skipped', reason: 'needs --app' },
  ])
})

test.each([
  ['SCHEMA_FIELD_MISSING', /^ +dueAt .*\n/m, '', 'SyncState has no field dueAt.'],
  ['SCHEMA_INDEX_MISSING', /^ +@@index\(\[dueAt, id\]\)\n/m, '', 'SyncState has no @@index([dueAt, id]).'],
  [
    'SCHEMA_INDEX_MISSING',
    '@@unique([connectionId, resourceType])',
    '@@index([connectionId, resourceType])',
    '@@unique',
  ],
  ['SCHEMA_INDEX_MISSING', '@@index([dueAt, id])', '@@index([id, dueAt])', 'SyncState has no @@index([dueAt, id]).'],
  ['SCHEMA_FIELD_DIFFERS', /cursor +String\?/, 'cursor Int?', 'SyncState.cursor is Int?, and has to be String?.'],
  ['SCHEMA_FIELD_DIFFERS', /errorCount +Int/, 'errorCount Int?', 'SyncState.errorCount is Int?, and has to be Int.'],
  ['SCHEMA_FIELD_FOREIGN', 'model SyncState {', 'model SyncState {\n  note String', 'SyncState.note is required'],
  ['SCHEMA_MODEL_MISSING', /^model OAuthState \{[^}]*\}\n/m, '', 'The schema has no model OAuthState'],
])('%s is a problem', async (code, from, to, message) => {
  const { examine } = await initialised()
  const report = await examine(from, to)
  expect(report).toMatchObject({ code: 1, status: 'problems' })
  expect(report.findings).toMatchObject([
    { code, level: 'problem', message: expect.stringContaining(message), advice: expect.stringContaining('migrate') },
  ])
})

test.each([
  ['model SyncState {', 'model SyncState {\n  note String?\n  kind String @default("x")'],
  ['@@index([dueAt, id])', '@@index( fields: [ dueAt, id(sort: Desc) ], map: "due" )'],
  ['@@index([dueAt, id])', '@@index([dueAt, id])\n  @@index([status])'],
])('what disturbs nothing is no finding: %s as %s', async (from, to) => {
  const { examine } = await initialised()
  expect(await examine(from, to)).toMatchObject({ code: 0, findings: [] })
})

test('a fragment that was copied by hand is compared too, and not to be mended by init', async () => {
  const { examine, schema } = await initialised()
  const marked = /^\/\/ >>> .*\n/m.exec(schema)?.[0] ?? ''
  const [, rest = ''] = schema.split(marked)
  const [models = ''] = rest.split('// <<<')
  const copied = `${models.replace(/^ +dueAt .*\n/m, '')}`
  const folder = await applicationFolder({ 'schema.prisma': `${base('postgresql')}${copied}` })
  const { code, stdout } = await folder.run('doctor')
  expect(code).toBe(1)
  expect(stdout).toContain('SyncState has no field dueAt.')
  expect(stdout).toContain('prisma/connectors.postgresql.prisma')
  expect(await examine()).toMatchObject({ code: 0 })
})

test('without any of the models it says to run init', async () => {
  const folder = await applicationFolder({ 'schema.prisma': base('sqlite') })
  expect(await folder.run('doctor')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('Run npx bapp-connectors init'),
  })
})

test.each([
  ['model {', 'schema.prisma:1'],
  ['datasource db {\n  provider = "mongodb"\n}\n', 'mongodb'],
])('a schema that cannot be judged is not checked: exit code 2', async (content, said) => {
  const folder = await applicationFolder({ 'schema.prisma': content })
  const outcome = await folder.run('doctor')
  expect(outcome).toMatchObject({ code: 2, stdout: expect.stringContaining(said) })
  expect(outcome.stdout).toContain('schema       NOT CHECKED: ')
})
