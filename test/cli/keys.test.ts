import { createConnectors } from 'bapp-connectors'
import { memoryRepositories } from 'bapp-connectors/memory'
import { expect, test } from 'vitest'
import { shop } from '../support/shop-provider.ts'
import { testKey } from '../support/shop-world.ts'
import { applicationWith } from './application-with.ts'

const oldKey = { id: 'old', key: testKey(1) }
const newKey = { id: 'new', key: testKey(2) }
const silent = { debug() {}, info() {}, warn() {}, error() {} }

/** An application with connections that were sealed with the old key. */
async function rotated(connectionCount: number, keys = [newKey, oldKey]) {
  const repositories = memoryRepositories<string>()
  const over = (by: typeof keys) =>
    createConnectors(repositories, { providers: [shop], encryption: { keys: by }, logger: silent })
  const before = over([oldKey])
  for (let index = 0; index < connectionCount; index += 1) {
    const settings = { url: 'https://shop.example' }
    await before
      .forTenant(`t${index}`)
      .connections.create(shop, { credentials: { token: 'x' }, settings, webhookSecret: 's' })
  }
  await before.close()
  return { repositories, folder: await applicationWith(() => over(keys)) }
}

test('keys shows what is sealed with which key', async () => {
  const { folder } = await rotated(3)
  const { code, stdout, stderr } = await folder.run('keys --app app.mjs')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^key +values +credentials +webhook secrets +settings +authorizations$/m)
  expect(stdout).toMatch(/^new +0 +0 +0 +0 +0 +active: seals$/m)
  expect(stdout).toMatch(/^old +6 +3 +3 +0 +0 +opens$/m)
})

test('keys names a key that is in use and missing, and --json has it all', async () => {
  const { folder } = await rotated(1, [newKey])
  expect((await folder.run('keys --app app.mjs')).stdout).toMatch(/^old .*MISSING/m)
  const { stdout } = await folder.run('keys --app app.mjs --json')
  expect(JSON.parse(stdout)).toMatchObject({
    activeKeyId: 'new',
    keys: [
      { id: 'new', isActive: true, valueCount: 0 },
      { id: 'old', isConfigured: false, valueCount: 2 },
    ],
  })
})

test('--retire refuses a key that is in use or active, or that there is not; and lets go one that is not', async () => {
  const { folder } = await rotated(1)
  expect(await folder.run('keys --app app.mjs --retire old')).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('2 values are sealed with the key "old"'),
  })
  expect(await folder.run('keys --app app.mjs --retire new')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('active'),
  })
  expect(await folder.run('keys --app app.mjs --retire odl')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('There are: new, old.'),
  })
  expect(await folder.run('keys --app app.mjs --retire old --json')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('"isUnused": false'),
  })
  expect(await folder.run('reencrypt --app app.mjs')).toMatchObject({ code: 0 })
  expect(await folder.run('keys --app app.mjs --retire old')).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringContaining('Nothing is sealed with the key "old"'),
  })
})

test('reencrypt seals everything anew, and says so', async () => {
  const { folder } = await rotated(3)
  const { code, stdout, stderr } = await folder.run('reencrypt --app app.mjs --batch-size 1')
  expect(code).toBe(0)
  expect(stdout).toContain('Sealed 6 values anew with the key "new", of 3 connections.')
  expect(stderr.trim().split('\n')).toEqual([
    '2 of 6 values sealed anew',
    '4 of 6 values sealed anew',
    '6 of 6 values sealed anew',
  ])
})

test('reencrypt draws a bar in one line of a terminal, never longer than that', async () => {
  const { folder } = await rotated(3)
  const { stderr } = await folder.run('reencrypt --app app.mjs --batch-size 1', undefined, { columns: 40 })
  const drawn = stderr.split('\r\u001b[2K').slice(1)
  expect(drawn.map((line) => line.slice(0, 38))).toEqual([
    '[########----------------] 33% 2 of 6 ',
    '[################--------] 66% 4 of 6 ',
    '[########################]100% 6 of 6 ',
  ])
  for (const line of drawn) expect(line.trimEnd().length).toBeLessThan(40)
  expect(stderr.endsWith('\n')).toBe(true)
})

test('an interrupted reencrypt ends after its batch, says how to go on, and goes on', async () => {
  const { folder } = await rotated(3)
  const interruptAt = (stderr: string) => stderr.includes('2 of 6')
  const first = await folder.run('reencrypt --app app.mjs --batch-size 1', undefined, { interruptAt })
  expect(first.code).toBe(1)
  expect(first.stdout).toContain('Sealed 2 values anew')
  expect(first.stdout).toContain('To go on, run the same command again')
  const second = await folder.run('reencrypt --app app.mjs --json')
  expect(second.code).toBe(0)
  expect(JSON.parse(second.stdout)).toMatchObject({ status: 'completed', resealedCount: 4 })
})

test('what does not open is told with connection and reason, and the exit code is 1', async () => {
  const { folder } = await rotated(1, [newKey])
  const { code, stdout } = await folder.run('reencrypt --app app.mjs')
  expect(code).toBe(1)
  expect(stdout).toMatch(
    /2 values don't open:\n {2}connection [0-9a-f-]{36} of tenant t0, credentials: .*\(UNKNOWN_KEY\)/,
  )
})

test.each(['0', '1.5', 'many', '10000'])('--batch-size %s is wrong usage', async (size) => {
  const { folder } = await rotated(0)
  expect(await folder.run(`reencrypt --app app.mjs --batch-size ${size}`)).toMatchObject({ code: 2, stdout: '' })
})
