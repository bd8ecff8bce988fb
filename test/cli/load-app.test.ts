import { expect, test } from 'vitest'
import { createShopWorld } from '../support/shop-world.ts'
import { applicationFolder } from './application-folder.ts'
import { applicationWith } from './application-with.ts'

const instance =
  '{ operator: { credentials: { keyUsage: async () => ({ activeKeyId: "k", keys: [], unreadableCount: 0 }) } }, ready() {}, close() { globalThis.closedCount = (globalThis.closedCount ?? 0) + 1 } }'
const closedCount = () => (globalThis as { closedCount?: number }).closedCount ?? 0

test.each([
  ['the export connectors', `export const connectors = ${instance}`],
  ['the default export', `export default ${instance}`],
  ['a function', `export const connectors = () => (${instance})`],
  ['an async function, exported as default', `export default async () => (${instance})`],
])('the instance is %s, and is closed when the command is done', async (_, content) => {
  const folder = await applicationFolder({ 'app.mjs': content })
  const before = closedCount()
  expect(await folder.run('keys --app app.mjs')).toMatchObject({ code: 0, stderr: '' })
  expect(closedCount()).toBe(before + 1)
})

test('a CommonJS module is looked into', async () => {
  const folder = await applicationFolder({
    'app.cjs': `const c = ${instance}\nmodule.exports = { ['conn' + 'ectors']: c }`,
  })
  expect(await folder.run('keys --app ./app.cjs')).toMatchObject({ code: 0, stderr: '' })
})

test.each([
  ['', 2, 'Where is your instance? Write: --app ./connectors.ts'],
  ['--app gone.ts', 2, "gone.ts, which isn't there"],
  ['--app .', 2, 'which is no file'],
  ['--app empty.mjs', 2, 'has no export "connectors" and no default export. It exports nothing.'],
  ['--app other.mjs', 2, 'It exports: acme, prisma.'],
  ['--app wrong.mjs', 2, 'is not what createConnectors answered, but an object with create, list.'],
  ['--app answers.mjs', 2, 'What its function answers is not what createConnectors answered, but undefined.'],
  ['--app throws.mjs', 1, "throws.mjs can't be loaded: DATABASE_URL is missing"],
  ['--app undefined.mjs', 1, "undefined.mjs can't be loaded: undefined"],
  ['--app null.mjs', 2, 'is not what createConnectors answered, but an object with operator, ready, close.'],
  ['--app fails.mjs', 1, 'its function failed: no keys'],
  ['--app app.mjs --env-file gone.env', 2, "gone.env, which can't be read"],
])('"%s" is refused with exit code %i, and says what to do', async (args, code, said) => {
  const folder = await applicationFolder({
    'app.mjs': `export default ${instance}`,
    'empty.mjs': '',
    'other.mjs': 'export const acme = 1, prisma = {}',
    'wrong.mjs': 'export const connectors = { create() {}, list() {} }',
    'answers.mjs': 'export const connectors = async () => {}',
    'throws.mjs': 'throw new Error("DATABASE_URL is missing")',
    'undefined.mjs': 'throw undefined',
    'null.mjs': 'export const connectors = { operator: null, ready() {}, close() {} }',
    'fails.mjs': 'export default () => { throw new Error("no keys") }',
  })
  const outcome = await folder.run(`keys ${args}`)
  expect(outcome).toMatchObject({ code, stdout: '' })
  expect(outcome.stderr).toContain(said)
})

test('--env-file sets what the application reads, before it is loaded', async () => {
  const folder = await applicationFolder({
    'my.env': 'CLI_TEST_KEY="from the file"',
    'app.mjs': `if (process.env.CLI_TEST_KEY !== 'from the file') throw new Error('not set')\nexport default ${instance}`,
  })
  expect(await folder.run('keys --app app.mjs --env-file my.env')).toMatchObject({ code: 0, stderr: '' })
  delete process.env.CLI_TEST_KEY
})

test('an error of the library is told with its code, and the instance is closed all the same', async () => {
  const { connectors } = await createShopWorld({
    encryption: { source: () => Promise.reject(new Error('the vault is sealed')) },
  })
  const folder = await applicationWith(() => connectors)
  const outcome = await folder.run('keys --app app.mjs')
  expect(outcome).toMatchObject({ code: 1, stdout: '' })
  expect(outcome.stderr).toContain('(KEYS_UNAVAILABLE)')
  await expect(connectors.ready()).rejects.toMatchObject({ code: 'CLOSED' })
})
