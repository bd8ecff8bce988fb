import { chmod, chown, lstat, mkdir, readdir, readlink, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type ApplicationFolder, applicationFolder } from './application-folder.ts'
import { prismaComplaint } from './prisma-complaint.ts'

const datasource = 'datasource db {\n  provider = "sqlite"\n}\n'
const company = 'model Company {\n  id Int @id\n}\n'
const init = 'init --tenant-model Company'
const nobody = 65_534
const isRoot = process.getuid?.() === 0

/** A schema of several files, with the tenant in a folder of its own. */
const several = () =>
  applicationFolder({ 'prisma/schema/main.prisma': datasource, 'prisma/schema/tenant/company.prisma': company })

/** Runs as a user whom permissions bind; root may write everywhere. */
async function bound<T>({ cwd }: ApplicationFolder, work: () => Promise<T>): Promise<T> {
  if (!isRoot) return work()
  for (const path of ['.', ...(await readdir(cwd, { recursive: true }))]) await chown(join(cwd, path), nobody, nobody)
  process.seteuid?.(nobody)
  return work().finally(() => process.seteuid?.(0))
}

test.each([
  ['prisma/schema/tenant/company.prisma', 0o444],
  ['prisma/schema/tenant', 0o555],
  ['prisma/schema', 0o555],
])('all or nothing: %s without permission to write leaves every file as it was', async (path, mode) => {
  const folder = await several()
  const before = await folder.snapshot()
  await chmod(join(folder.cwd, path), mode)
  const outcome = await bound(folder, () => folder.run(init))
  await chmod(join(folder.cwd, path), 0o755)
  expect(outcome).toMatchObject({ code: 1, stdout: '' })
  expect(outcome.stderr).toContain("can't be written")
  expect(outcome.stderr).toContain('Nothing is changed')
  expect(outcome.stderr).toContain('--dry-run')
  expect(await folder.snapshot()).toEqual(before)
})

// Only root can make a file of somebody else's, which a sticky folder keeps from being replaced.
test.skipIf(!isRoot)('what was written already is put back if a later file can not be replaced', async () => {
  for (const block of ['', 'connectors.prisma']) {
    const folder = await several()
    if (block !== '') await folder.write(`prisma/schema/${block}`, '// of the user\n')
    const before = await folder.snapshot()
    const outcome = await bound(folder, async () => {
      process.seteuid?.(0)
      await chown(join(folder.cwd, 'prisma/schema/tenant'), 0, 0)
      await chown(join(folder.cwd, 'prisma/schema/tenant/company.prisma'), 0, 0)
      await chmod(join(folder.cwd, 'prisma/schema/tenant'), 0o1777)
      await chmod(join(folder.cwd, 'prisma/schema/tenant/company.prisma'), 0o666)
      process.seteuid?.(nobody)
      return folder.run(init)
    })
    expect(outcome.stderr).toContain('company.prisma can')
    expect(await folder.snapshot()).toEqual(before)
  }
})

test('a file that changes while the question is open is not written over', async () => {
  const folder = await applicationFolder({ 'schema.prisma': datasource + company })
  const edited = `${datasource}${company}// a thought\n`
  const outcome = await folder.run('init', async () => {
    await folder.write('schema.prisma', edited)
    return 'Company'
  })
  expect(outcome).toMatchObject({ code: 1, stderr: 'schema.prisma was changed meanwhile. Run init again.\n' })
  expect(await folder.snapshot()).toEqual({ 'schema.prisma': edited })
})

test('permissions stay, and nothing else is left in the folder', async () => {
  const folder = await several()
  const path = join(folder.cwd, 'prisma/schema/tenant/company.prisma')
  await chmod(path, 0o640)
  expect((await folder.run(init)).code).toBe(0)
  expect((await stat(path)).mode & 0o777).toBe(0o640)
  expect(Object.keys(await folder.snapshot())).toEqual([
    'prisma/schema/connectors.prisma',
    'prisma/schema/main.prisma',
    'prisma/schema/tenant/company.prisma',
  ])
})

test('a linked schema file is changed where it is, and stays a link', async () => {
  const folder = await applicationFolder({ 'shared/real.prisma': datasource + company })
  await mkdir(join(folder.cwd, 'prisma'))
  await symlink('../shared/real.prisma', join(folder.cwd, 'prisma/schema.prisma'))
  expect((await folder.run(init)).stdout).toContain('changed prisma/schema.prisma')
  expect(await readlink(join(folder.cwd, 'prisma/schema.prisma'))).toBe('../shared/real.prisma')
  expect(await folder.read('shared/real.prisma')).toContain('model Connection {')
})

test('links in a schema folder are followed, as Prisma does, each file once', async () => {
  const folder = await applicationFolder({ 'prisma/schema/main.prisma': datasource, 'shared/company.prisma': company })
  await symlink('../../shared', join(folder.cwd, 'prisma/schema/shared'))
  await symlink('../../shared/company.prisma', join(folder.cwd, 'prisma/schema/again.prisma'))
  await symlink('..', join(folder.cwd, 'prisma/schema/loop'))
  expect(await folder.run(init)).toMatchObject({ code: 0, stderr: '' })
  expect(await folder.read('shared/company.prisma')).toContain('connections Connection[]')
  expect(prismaComplaint(await folder.snapshot())).toBeNull()
  expect((await folder.run('init')).stdout).toContain('up to date')
})

test('a link that leads nowhere is named', async () => {
  const folder = await several()
  await symlink('gone.prisma', join(folder.cwd, 'prisma/schema/broken.prisma'))
  const before = await folder.snapshot()
  const outcome = await folder.run(init)
  expect(outcome.code).toBe(1)
  expect(outcome.stderr).toContain("prisma/schema/broken.prisma can't be read")
  expect(await folder.snapshot()).toEqual(before)
})

test('--dry-run writes nothing, not even times of files', async () => {
  const folder = await several()
  const before = await folder.snapshot()
  const times = async () =>
    Promise.all(
      (await readdir(folder.cwd, { recursive: true })).map(async (path) => [
        path,
        (await lstat(join(folder.cwd, path))).mtimeMs,
      ]),
    )
  const earlier = await times()
  const { code, stdout } = await folder.run(`${init} --dry-run`)
  expect(code).toBe(0)
  expect(stdout).toContain('+  connections Connection[]\n')
  expect(await folder.snapshot()).toEqual(before)
  expect(await times()).toEqual(earlier)
})
