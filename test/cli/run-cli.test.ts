import { parseEnv } from 'node:util'
import { createConnectors } from 'bapp-connectors'
import { memoryRepositories } from 'bapp-connectors/memory'
import { expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { shop } from '../support/shop-provider.ts'
import { applicationFolder } from './application-folder.ts'

test('keygen prints lines for an .env file, and only those, on standard output', async () => {
  const { code, stdout } = await (await applicationFolder({})).run('keygen')
  expect(code).toBe(0)
  expect(stdout).toBe(`CONNECTORS_KEY_ID="2026-11"\nCONNECTORS_KEY="${Buffer.alloc(32, 7).toString('base64')}"\n`)
})

test('createConnectors takes what keygen printed', async () => {
  const { stdout } = await (await applicationFolder({})).run('keygen --id main_2')
  const { CONNECTORS_KEY_ID: id = '', CONNECTORS_KEY: key = '' } = parseEnv(stdout)
  expect(id).toBe('main_2')
  const connectors = createConnectors(memoryRepositories(), { providers: [shop], encryption: { keys: [{ id, key }] } })
  await connectors.ready()
  await connectors.close()
})

test.each(['--help', '-h', 'init --help', 'keygen -h', 'init --tenant-model X --help'])('%s explains', async (args) => {
  const { code, stdout, stderr } = await (await applicationFolder({})).run(args)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  for (const word of ['init', 'keygen', '--dry-run', '--tenant-model']) expect(stdout).toContain(word)
})

test.each(['--version', '-v', 'init --version'])('%s tells the version of the package', async (args) => {
  expect(await (await applicationFolder({})).run(args)).toEqual({
    code: 0,
    stdout: `${manifest.version}\n`,
    stderr: '',
  })
})

test.each([
  ['', 'No command was given'],
  ['migrate', 'There is no command "migrate"'],
  ['--wrong', "Unknown option '--wrong'"],
  ['init --wrong', "Unknown option '--wrong'"],
  ['init extra', 'extra'],
  ['init --schema', 'argument missing'],
  ['init --dialect oracle', '--dialect must be one of sqlite, postgresql, mysql; it is "oracle"'],
  ['init --tenant-id float', '--tenant-id must be one of String, Int, BigInt, uuid; it is "float"'],
  ['init --prefix 1x', '--prefix must begin with a letter'],
  ['init --no-relation --tenant-model A', 'exclude each other'],
  ['keygen --id a/b', '--id must be'],
  ['keygen --prefix a', "Unknown option '--prefix'"],
])('"%s" is wrong usage: exit code 2 and what is wrong', async (args, said) => {
  const folder = await applicationFolder({ 'schema.prisma': '' })
  const outcome = await folder.run(args)
  expect(outcome).toMatchObject({ code: 2, stdout: '' })
  expect(outcome.stderr).toContain(said)
  expect(outcome.stderr).toContain('--help')
  expect(await folder.snapshot()).toEqual({ 'schema.prisma': '' })
})
