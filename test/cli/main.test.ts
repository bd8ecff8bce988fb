import { execFile, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { bundleWorker } from '../support/bundle-worker.ts'

const run = promisify(execFile)
const root = new URL('../../', import.meta.url).pathname

// Inside of the checkout: it asks for the package by its name.
const built = join(root, '.tmp', `cli-${process.pid}`)
let main = ''

beforeAll(async () => {
  main = await bundleWorker('../src/cli/main.ts', built)
})
afterAll(() => rm(built, { recursive: true, force: true }))

/** An instance that has nothing in it; `keyUsage` as given. */
const instance = (keyUsage = 'async () => ({ activeKeyId: "k", keys: [], unreadableCount: 0 })') =>
  `{ operator: { credentials: { keyUsage: ${keyUsage}, reencrypt } }, ready() {}, async close() { console.error('closed') } }`
const reencrypt = `const reencrypt = ({ onProgress, signal }) => new Promise((resolve) => {
  const told = { activeKeyId: 'k', connectionCount: 1, resealedCount: 1, waitingCount: 0, failedCount: 0, failures: [] }
  signal.addEventListener('abort', () => resolve({ ...told, status: 'partial', reason: 'aborted' }))
  onProgress(told)
})\n`
const openPool = 'setInterval(() => {}, 1_000)\n'

/** The real process, in a folder of its own. */
async function application(files: Readonly<Record<string, string>>, { hasTsx }: { readonly hasTsx: boolean }) {
  const folder = await mkdtemp(join(tmpdir(), 'connectors-main-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  if (hasTsx) {
    await mkdir(join(folder, 'node_modules'))
    await symlink(join(root, 'node_modules/tsx'), join(folder, 'node_modules/tsx'))
  }
  return {
    /** By a shell, which sends the output elsewhere. */
    shell: (args: string) => run('sh', ['-c', `"${process.execPath}" "${main}" ${args}`], { cwd: folder }),
    read: (path: string) => readFile(join(folder, path), 'utf8'),
    start: (...args: string[]) => spawn(process.execPath, [main, ...args], { cwd: folder }),
    run: async (...args: string[]) =>
      run(process.execPath, [main, ...args], { cwd: folder }).then(
        (outcome) => ({ code: 0, ...outcome }),
        (error: { code: number; stdout: string; stderr: string }) => error,
      ),
  }
}

test('the process ends by itself whatever the application keeps open, and only the result is on standard output', async () => {
  const app = await application(
    { 'app.mjs': `${openPool}${reencrypt}console.log('a banner')\nexport const connectors = ${instance()}` },
    { hasTsx: false },
  )
  const { code, stdout, stderr } = await app.run('keys', '--app', 'app.mjs', '--json')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toEqual({ activeKeyId: 'k', keys: [], unreadableCount: 0 })
  expect(stderr).toBe('a banner\nclosed\n')
})

test('a result that is sent to a file gets there, and nothing that the application prints', async () => {
  const app = await application(
    { 'app.mjs': `${reencrypt}console.log('a banner')\nexport const connectors = ${instance()}` },
    { hasTsx: false },
  )
  await app.shell('keygen >> .env')
  expect(await app.read('.env')).toMatch(/^CONNECTORS_KEY_ID="[\d-]+"\nCONNECTORS_KEY="[\w+/]{43}="\n$/)
  await app.shell('keys --app app.mjs --json > keys.json')
  expect(JSON.parse(await app.read('keys.json'))).toEqual({ activeKeyId: 'k', keys: [], unreadableCount: 0 })
})

test('it ends with the exit code of the command, and closes, when the library fails too', async () => {
  const app = await application(
    {
      'app.mjs': `${openPool}${reencrypt}export const connectors = ${instance('async () => { throw new Error("gone") }')}`,
    },
    { hasTsx: false },
  )
  const { code, stderr } = await app.run('keys', '--app', 'app.mjs')
  expect({ code, stderr }).toEqual({ code: 1, stderr: 'closed\ngone\n' })
})

test.each(['module', 'commonjs'])(
  'TypeScript of a %s package is loaded by the tsx of the application',
  async (type) => {
    const app = await application(
      {
        'package.json': JSON.stringify({ type }),
        'db.ts': 'export enum Pool { Open = 1 }',
        'connectors.ts': `import { Pool } from './db'\n${reencrypt.replaceAll('({ onProgress, signal })', '({ onProgress, signal }: any)')}
        const pool: Pool = Pool.Open
        export const connectors = ${instance()}\nconsole.log(pool)`,
      },
      { hasTsx: true },
    )
    const { code, stderr } = await app.run('keys', '--app', './connectors.ts')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '1\nclosed\n' })
  },
)

// Newer versions load it by themselves.
test.runIf(process.version.startsWith('v20.'))('without tsx it says what to do', async () => {
  const app = await application({ 'connectors.ts': 'export const connectors: number = 1' }, { hasTsx: false })
  const { code, stderr } = await app.run('keys', '--app', './connectors.ts')
  expect(code).toBe(1)
  expect(stderr).toContain('npm install --save-dev tsx')
})

test('Ctrl+C has reencrypt end after its batch, and say how to go on', async () => {
  const app = await application(
    { 'app.mjs': `${openPool}${reencrypt}export const connectors = ${instance()}` },
    { hasTsx: false },
  )
  const child = app.start('reencrypt', '--app', 'app.mjs')
  let stdout = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.once('data', () => child.kill('SIGINT'))
  const code = await new Promise((resolve) => child.once('close', resolve))
  expect(code).toBe(1)
  expect(stdout).toContain('To go on, run the same command again')
})

test('doctor ends with 0, 1 or 2 by what it found', async () => {
  const datasource = 'datasource db {\n  provider = "sqlite"\n}\nmodel Company {\n  id Int @id\n}\n'
  const app = await application({ 'schema.prisma': datasource }, { hasTsx: false })
  expect(await app.run('doctor')).toMatchObject({ code: 1, stdout: expect.stringContaining('SCHEMA_MODEL_MISSING') })
  await app.run('init', '--tenant-model', 'Company')
  expect(await app.run('doctor')).toMatchObject({ code: 0, stdout: expect.stringContaining('Everything is fine.') })
  expect(await app.run('doctor', '--app', 'nowhere.mjs')).toMatchObject({ code: 2 })
})

test.each([
  ['waits for ever while it is loaded', 'await new Promise(() => {})'],
  ['ends the process', 'process.exit(0)'],
])('an application that %s is not taken for a healthy one', async (_, content) => {
  const app = await application({ 'app.mjs': content }, { hasTsx: false })
  const { code, stderr } = await app.run('doctor', '--json', '--app', 'app.mjs')
  expect(code).toBe(1)
  expect(stderr).toContain('the process ended before the command did')
})
