import { expect, test } from 'vitest'
import { applicationFolder } from './application-folder.ts'
import { prismaComplaint } from './prisma-complaint.ts'

const schema = `datasource db {
  provider = "postgresql"
}

model Company {
  id   Int    @id @default(autoincrement())
  name String
}

model Order {
  id           Int        @id
  connectionId String
  connection   Connection @relation(fields: [connectionId], references: [id])
}
`
const path = 'prisma/schema.prisma'
const init = 'init --tenant-model Company'
const relation = '  tenant Company @relation(fields: [tenantId], references: [id], onDelete: Cascade)\n'

async function merged(change: (content: string) => string) {
  const folder = await applicationFolder({ [path]: schema.replace(/\nmodel Order[^}]*\}\n/, '') })
  await folder.run(init)
  const content = change(await folder.read(path))
  await folder.write(path, content)
  return { folder, content }
}

test.each([
  ['onDelete: Restrict', relation.replace('Cascade', 'Restrict')],
  ['no rule', relation.replace(', onDelete: Cascade', '')],
  [
    'another name and a name in the database',
    relation.replace('tenant ', 'owner ').replace('Cascade', 'NoAction, map: "fk_$1"'),
  ],
  ['a comment beside it', relation.replace('\n', ' // keep the audit\n')],
])('the line to the tenant model is the user’s: %s stays, also when the fragment is rewritten', async (_, line) => {
  const { folder, content } = await merged((text) => text.replace(relation, line))
  expect(prismaComplaint({ [path]: content })).toBeNull()
  for (const flags of ['', ' --force', ' --tenant-model Company']) {
    expect((await folder.run(`init${flags}`)).stdout).toContain('up to date')
  }
  expect(await folder.read(path)).toBe(content)
  // The tenant's id gets another type and name, so that the fragment changes.
  await folder.write(path, content.replace(/ {2}id {3}Int {4}@id.*/, '  uid BigInt @id'))
  expect(await folder.run('init')).toMatchObject({ code: 0, stderr: '' })
  const rewritten = await folder.read(path)
  expect(prismaComplaint({ [path]: rewritten })).toBeNull()
  expect(rewritten).toContain(line.replace('[id]', '[uid]'))
  expect(rewritten.replace(/ +/g, ' ')).toContain(' tenantId BigInt\n')
  expect((await folder.run('init')).stdout).toContain('up to date')
})

test('relations of other models to ours stay where they are, and survive a rewrite', async () => {
  const { folder, content } = await merged((text) =>
    text
      .replace('model Company', `${schema.slice(schema.indexOf('model Order'))}\nmodel Company`)
      .replace('  syncStates SyncState[]\n', '  syncStates SyncState[]\n  orders Order[]\n'),
  )
  expect(prismaComplaint({ [path]: content })).toBeNull()
  expect((await folder.run('init')).stdout).toContain('up to date')
  expect(await folder.read(path)).toBe(content)
  await folder.write(path, content.replace(/ {2}id {3}Int {4}@id.*/, '  id BigInt @id'))
  expect(await folder.run('init')).toMatchObject({ code: 0, stderr: '' })
  const rewritten = await folder.read(path)
  expect(prismaComplaint({ [path]: rewritten })).toBeNull()
  expect(rewritten).toContain(`  orders Order[]\n${relation}`)
})

test('an edit beside a relation is still an edit, and --force keeps the relation', async () => {
  const restrict = relation.replace('Cascade', 'Restrict')
  const { folder, content } = await merged((text) => text.replace(relation, `${restrict}  note String?\n`))
  const refused = await folder.run('init')
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('\n-  note String?\n')
  expect(refused.stderr).not.toContain('\n-  tenant')
  expect(await folder.read(path)).toBe(content)
  expect((await folder.run('init --force')).code).toBe(0)
  expect(await folder.read(path)).toBe(content.replace('  note String?\n', ''))
})

test('after --no-relation, a relation can be had later', async () => {
  const folder = await applicationFolder({ [path]: schema.replace(/\nmodel Order[^}]*\}\n/, '') })
  await folder.run('init --no-relation --tenant-id Int')
  expect((await folder.run(init)).stdout).toContain('Company.connections')
  const content = await folder.read(path)
  expect(content).toContain(relation)
  expect(prismaComplaint({ [path]: content })).toBeNull()
})
