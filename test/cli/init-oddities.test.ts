import { expect, test } from 'vitest'
import { applicationFolder } from './application-folder.ts'
import { prismaComplaint } from './prisma-complaint.ts'

const datasource = (provider: string) => `datasource db {\n  provider = "${provider}"\n}\n`
const company = (id = 'Int @id @default(autoincrement())') =>
  `model Company {\n  id   ${id}\n  name String\n\n  @@map("companies")\n}\n`
const schema = (provider = 'postgresql', id?: string) => `${datasource(provider)}\n${company(id)}`
const single = (content: string) => applicationFolder({ 'prisma/schema.prisma': content })
const init = 'init --tenant-model Company'

test('line ends may be mixed: each insertion goes by its neighbour', async () => {
  const folder = await single(`${datasource('sqlite')}${company().replaceAll('\n', '\r\n')}// end\n`)
  await folder.run(init)
  const after = await folder.read('prisma/schema.prisma')
  expect(after).toContain('  name String\r\n  connections Connection[]\r\n\r\n')
  expect(after.slice(after.indexOf('// end'))).not.toContain('\r')
  expect(prismaComplaint({ 'schema.prisma': after })).toBeNull()
  expect((await folder.run('init')).stdout).toContain('up to date')
})

test('an editor may put a mark in front of our file, and change its line ends', async () => {
  const folder = await applicationFolder({
    'prisma/schema/main.prisma': datasource('sqlite'),
    'prisma/schema/company.prisma': company(),
  })
  await folder.run(init)
  const saved = `\uFEFF${(await folder.read('prisma/schema/connectors.prisma')).replaceAll('\n', '\r\n')}`
  await folder.write('prisma/schema/connectors.prisma', saved)
  expect((await folder.run(init)).stdout).toContain('up to date')
  await folder.write('prisma/schema/company.prisma', company('BigInt @id'))
  expect(await folder.run('init')).toMatchObject({ code: 0, stderr: '' })
  const after = await folder.read('prisma/schema/connectors.prisma')
  expect(after.startsWith('\uFEFF// >>> bapp-connectors')).toBe(true)
  expect(after.replaceAll('\r\n', '')).not.toContain('\n')
  expect((await folder.run('init')).stdout).toContain('up to date')
})

test.each([
  ['sqlite', 'postgresql'],
  ['sqlite', 'mysql'],
  ['postgresql', 'mysql'],
  ['postgresql', 'sqlite'],
  ['mysql', 'postgresql'],
  ['mysql', 'sqlite'],
])('who goes from %s to %s runs init again', async (from, to) => {
  for (const flags of ['--tenant-model Company', '--no-relation --tenant-id uuid']) {
    const folder = await single(schema(from))
    await folder.run(`init ${flags}`)
    const before = await folder.read('prisma/schema.prisma')
    await folder.write('prisma/schema.prisma', before.replace(`"${from}"`, `"${to}"`))
    expect(await folder.run('init')).toMatchObject({ code: 0, stderr: '' })
    const after = await folder.read('prisma/schema.prisma')
    expect(prismaComplaint({ 'schema.prisma': after })).toBeNull()
    expect((await folder.run('init')).stdout).toContain('up to date')
  }
})

test('models of other schemas of the database may have tables of the same name', async () => {
  const folder = await single(
    'datasource db {\n  provider = "postgresql"\n  schemas  = ["base", "crm"]\n}\n' +
      'model Company {\n  id Int @id\n\n  @@schema("crm")\n}\n' +
      'model Plug {\n  id Int @id\n\n  @@map("connectors_connection")\n  @@schema("base")\n}\n',
  )
  expect(await folder.run(init)).toMatchObject({ code: 0, stderr: '' })
  expect(prismaComplaint({ 'schema.prisma': await folder.read('prisma/schema.prisma') })).toBeNull()
})

test('a block taken out by hand is written anew; the other end of its relation is not doubled', async () => {
  const folder = await single(schema())
  await folder.run(init)
  const whole = await folder.snapshot()
  const content = await folder.read('prisma/schema.prisma')
  await folder.write('prisma/schema.prisma', content.slice(0, content.indexOf('\n// >>>')))
  expect((await folder.run(init)).code).toBe(0)
  expect(await folder.snapshot()).toEqual(whole)
})

test('a marker within a model is refused', async () => {
  const folder = await single(schema())
  await folder.run(init)
  const content = (await folder.read('prisma/schema.prisma')).replace('\n// <<< bapp-connectors', '')
  await folder.write('prisma/schema.prisma', content.replace('  @@index([expiresAt])', '// <<< bapp-connectors\n$&'))
  expect((await folder.run(init)).stderr).toContain("don't make one block")
})

test.each(['@@id ( [code] )', '@@id(fields: [code])'])('the id may be %s', async (id) => {
  const folder = await single(`${datasource('postgresql')}model Company {\n  code String @db.Uuid\n\n  ${id}\n}\n`)
  expect((await folder.run(init)).stdout).toContain('tenantId    String @db.Uuid')
  expect(prismaComplaint({ 'schema.prisma': await folder.read('prisma/schema.prisma') })).toBeNull()
})
