import { expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import type { EncryptionKey } from '../../src/core/ports/key-source.ts'
import { createShopWorldOver, testKey } from '../support/shop-world.ts'

const worldWith = (source: () => Promise<readonly EncryptionKey[]>, repositories = memoryRepositories<string>()) =>
  createShopWorldOver(repositories, { encryption: { source } })

test('keys come from a source, which is asked once', async () => {
  let asked = 0
  const { connectors, connect } = await worldWith(async () => {
    asked += 1
    return [{ id: 'kms', key: Buffer.from(testKey(), 'base64') }]
  })
  expect(asked).toBe(0)
  await connectors.ready()
  const { id } = await connect('acme')
  await connectors.forTenant('acme').connections.test(id)
  expect(asked).toBe(1)
})

test('the keys are a copy: a source may overwrite the bytes that it handed out', async () => {
  const repositories = memoryRepositories<string>()
  const bytes = Buffer.from(testKey(), 'base64')
  const { connectors, connect } = await worldWith(async () => [{ id: 'kms', key: bytes }], repositories)
  await connectors.ready()
  bytes.fill(0)
  const { id } = await connect('acme')
  const other = await worldWith(async () => [{ id: 'kms', key: testKey() }], repositories)
  expect((await other.connectors.forTenant('acme').connections.test(id)).status).toBe('connected')
})

test('a source that fails makes every call fail, and is asked again by the next one', async () => {
  let isDown = true
  const cause = new Error('the key service is away')
  const { connectors, connect } = await worldWith(async () => {
    if (isDown) throw cause
    return [{ id: 'kms', key: testKey() }]
  })
  await expect(connectors.ready()).rejects.toMatchObject({ code: 'KEYS_UNAVAILABLE', retryable: true, cause })
  await expect(connect('acme')).rejects.toMatchObject({ code: 'KEYS_UNAVAILABLE' })
  isDown = false
  await expect(connect('acme')).resolves.toHaveProperty('id')
})

test('a source that does not answer fails after half a minute, and what comes from it later is not waited for', async () => {
  let isDown = true
  const { connectors, connect, clock } = await worldWith(() =>
    isDown ? new Promise(() => {}) : Promise.resolve([{ id: 'kms', key: testKey() }]),
  )
  const waiting = Promise.allSettled([connectors.ready(), connect('acme')])
  while (clock.pending() === 0) await new Promise((resolve) => setImmediate(resolve))
  await clock.advance(30_000)
  const failure = { status: 'rejected', reason: { code: 'KEYS_UNAVAILABLE', retryable: true } }
  expect(await waiting).toMatchObject([failure, failure])
  isDown = false
  await expect(connect('acme')).resolves.toHaveProperty('id')
})

test.each([
  ['nothing', undefined, /the answer/],
  ['no keys', [], /no key/],
  ['a short key', [{ id: 'kms', key: new Uint8Array(16) }], /0\.key.*32 random bytes/],
  ['a Fernet key first', [{ id: 'django', fernet: testKey() }], /only opens/],
])('a source that answers %s is refused as a mistake in the configuration', async (_title, answer, said) => {
  const { connectors } = await worldWith(async () => answer as never)
  await expect(connectors.ready()).rejects.toMatchObject({
    code: 'INVALID_OPTIONS',
    message: expect.stringMatching(said),
  })
})

test.each([
  [
    'both keys and a source',
    { keys: [{ id: 'k1', key: testKey() }], source: async () => [] },
    /encryption\.source.*one of them/,
  ],
  ['a source that is no function', { source: 'kms' }, /encryption\.source.*function/],
  ['a Fernet key that is first', { keys: [{ id: 'd', fernet: testKey() }] }, /encryption\.keys.*only opens/],
  [
    'a Fernet key of another length',
    {
      keys: [
        { id: 'k', key: testKey() },
        { id: 'd', fernet: 'abc' },
      ],
    },
    /keys\.1\.fernet.*44/,
  ],
  ['a Fernet key beside a key', { keys: [{ id: 'k', key: testKey(), fernet: testKey() }] }, /keys\.0.*either/],
])('%s: refused at once', async (_title, encryption, said) => {
  await expect(createShopWorldOver(memoryRepositories(), { encryption: encryption as never })).rejects.toMatchObject({
    code: 'INVALID_OPTIONS',
    message: expect.stringMatching(said),
  })
})
