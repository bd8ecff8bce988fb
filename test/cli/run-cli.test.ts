import { parseEnv } from 'node:util'
import { createConnectors } from 'bapp-connectors'
import { memoryRepositories } from 'bapp-connectors/memory'
import { expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { commands } from '../../src/cli/commands.ts'
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

test.each(['--help', '-h'])('%s lists the commands', async (args) => {
  const { code, stdout, stderr } = await (await applicationFolder({})).run(args)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  for (const { name, summary } of commands) expect(stdout).toMatch(new RegExp(`^  ${name} +${summary}$`, 'm'))
})

test.each(commands)('$name --help tells its operands, and each option', async ({ name, operands, options }) => {
  const folder = await applicationFolder({})
  const { code, stdout, stderr } = await folder.run(`${name} --help`)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain(`Usage: ${['bapp-connectors', name, ...operands].join(' ')} [options]\n`)
  for (const [option, { help }] of Object.entries(options)) {
    expect(stdout).toMatch(new RegExp(`^ .*--${option}\\b.* {2}`, 'm'))
    expect(stdout).toContain(`  ${help}\n`)
  }
  expect(await folder.run(`${name} -h`)).toEqual({ code, stdout, stderr })
})

test('--help explains whatever else is given', async () => {
  const { code, stdout } = await (await applicationFolder({})).run('init --tenant-model X --help')
  expect(code).toBe(0)
  expect(stdout).toContain('--tenant-model <Model>')
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
  ['initt', 'There is no command "initt". Did you mean init?'],
  ['encrypt', 'There is no command "encrypt". Did you mean reencrypt?'],
  ['init --dryrun', "Unknown option '--dryrun'. Did you mean --dry-run?"],
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
