import { memoryRepositories } from 'bapp-connectors/memory'
import { contentHash, type dropbox } from 'bapp-connectors/providers/dropbox'
import { describe, expect, expectTypeOf, onTestFinished, test } from 'vitest'
import type { Json } from '../../../src/core/domain/json.ts'
import type { AdapterOf } from '../../../src/core/domain/provider.ts'
import { createConnectors } from '../../../src/create-connectors.ts'
import { type StorageAdapter, type StorageChange, storageChangeSchema } from '../../../src/families/storage/index.ts'
import { dropboxToken, startDropboxServer } from '../../support/dropbox-server.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { createProviderContext } from '../../support/provider-context.ts'
import { testKey } from '../../support/shop-world.ts'

const mebibyte = 1024 * 1024
const failing = (status: number, summary: string, error: object = {}) => ({
  status,
  body: { error_summary: `${summary}/...`, error },
})

/** An adapter by itself. */
async function bare() {
  const server = await startDropboxServer()
  onTestFinished(() => server.service.close())
  const { context, waits } = createProviderContext()
  const build = (folder = '') =>
    server.provider.build({ ...context, credentials: { accessToken: dropboxToken }, settings: { folder } })
  return { server, waits, build, adapter: build() }
}

/** A connection whose `files` are synced. */
async function syncing() {
  const server = await startDropboxServer()
  const delivered: StorageChange[] = []
  const connectors = createConnectors(memoryRepositories<string>(), {
    providers: [server.provider],
    encryption: { keys: [{ id: 'k1', key: testKey() }] },
    handlers: { 'storage.files': async ({ items }) => void delivered.push(...items) },
    http: { allowPrivateNetwork: true },
    clock: createFakeClock(),
  })
  onTestFinished(async () => {
    await connectors.close()
    await server.service.close()
  })
  const acme = connectors.forTenant('acme')
  const { id } = await acme.connections.create(server.provider, { credentials: { accessToken: dropboxToken } })
  await acme.connections.test(id)
  const run = async () => {
    delivered.length = 0
    expect(await acme.sync.run(id, 'files')).toMatchObject({ status: 'completed' })
    return delivered.map((change) => `${change.kind} ${change.path}${Object(change).isReset === true ? 'reset' : ''}`)
  }
  return { server, acme, id, run, delivered }
}

test('its adapter is one of the storage family', () => {
  expectTypeOf<AdapterOf<typeof dropbox>>().toExtend<StorageAdapter>()
})

describe('a sync of files', () => {
  test('tells what is there, then what happens, each as the family wants it', async () => {
    const { server, run, delivered } = await syncing()
    server.mkdir('/Reports')
    server.put('/Reports/Ä.txt', 'one')
    expect(await run()).toEqual(['folder /Reports', 'file /Reports/Ä.txt'])
    expect(delivered.map((change) => storageChangeSchema.parse(change))).toEqual(delivered)
    expect(delivered[1]).toMatchObject({
      name: 'Ä.txt',
      path: '/Reports/Ä.txt',
      pathKey: '/reports/ä.txt',
      externalId: expect.stringMatching(/^id:/),
      revision: expect.any(String),
      size: 3,
      contentHash: contentHash('one'),
      isDownloadable: true,
      modifiedAt: new Date('2026-01-31T12:00:00Z'),
    })
    expect(await run()).toEqual([])
    server.put('/Reports/Ä.txt', 'two')
    server.put('/new.txt', 'new')
    server.remove('/Reports')
    expect(await run()).toEqual(['file /new.txt', 'deleted /Reports'])
    expect(delivered.map((change) => storageChangeSchema.parse(change))).toEqual(delivered)
    expect(delivered[1]).toMatchObject({ externalId: null, pathKey: '/reports', isReset: false })
  })

  test('begins anew when Dropbox has forgotten the cursor, and says first that all is gone', async () => {
    const { server, run, delivered } = await syncing()
    server.put('/kept.txt', '1')
    server.put('/gone.txt', '2')
    await run()
    server.remove('/gone.txt')
    server.forgetCursors()
    expect(await run()).toEqual(['deleted reset', 'file /kept.txt'])
    expect(delivered[0]).toMatchObject({ pathKey: '', isReset: true })
    expect(await run()).toEqual([])
  })

  test('begins anew in the middle of a listing, too', async () => {
    const { server, acme, id, run, delivered } = await syncing()
    server.pageSize = 2
    for (const name of ['a', 'b', 'c']) server.put(`/${name}`, name)
    expect(await acme.sync.page(id, 'files')).toMatchObject({ status: 'partial' })
    server.forgetCursors()
    expect(await run()).toEqual(['deleted reset', 'file /a', 'file /b', 'file /c'])
    expect(delivered).toHaveLength(4)
  })

  test('of another folder does not go on with the cursor of the first', async () => {
    const { server, build } = await bare()
    for (const folder of ['/a', '/b']) {
      server.mkdir(folder)
      server.put(`${folder}/1.txt`, folder)
    }
    const first = await build('/a').getChanges()
    expect(first.items.map(({ path }) => path)).toEqual(['/a/1.txt'])
    const other = await build('/b').getChanges({ cursor: first.cursor })
    expect(other.items.map(({ path }) => path)).toEqual(['', '/b/1.txt'])
    await expect(build('/c').getChanges()).rejects.toMatchObject({ code: 'PROVIDER_REJECTED', status: 404 })
  })
})

describe('the methods', () => {
  test('list a folder, page by page, and read one entry by path or id', async () => {
    const { server, adapter } = await bare()
    server.pageSize = 1
    server.mkdir('/docs')
    server.put('/docs/a.txt', 'a')
    server.put('/docs/deep/b.txt', 'b')
    server.put('/docs/c.txt', 'c')
    const paths: (string | null)[] = []
    for (let cursor: Json = null; ; ) {
      const page = await adapter.listFolder('/docs/', { cursor })
      paths.push(...page.items.map((entry) => entry.path))
      if (!page.hasMore) break
      cursor = page.cursor
    }
    expect(paths).toEqual(['/docs/a.txt', '/docs/deep', '/docs/c.txt'])
    expect((await adapter.listFolder('/')).items).toMatchObject([{ kind: 'folder', path: '/docs' }])
    const entry = await adapter.getEntry('/DOCS/A.txt')
    expect(entry).toMatchObject({ kind: 'file', name: 'a.txt' })
    expect(await adapter.getEntry(entry.externalId)).toEqual(entry)
    await expect(adapter.getEntry('/nothing')).rejects.toMatchObject({ code: 'PROVIDER_REJECTED', status: 404 })
    await expect(adapter.getEntry('docs')).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  test('upload, refuse to replace what nobody expected, and delete', async () => {
    const { server, adapter } = await bare()
    const made = await adapter.upload('/Grüße 🦊.txt', 'hello', { modifiedAt: new Date('2026-02-03T04:05:06.789Z') })
    expect(made).toMatchObject({ kind: 'file', path: '/Grüße 🦊.txt', size: 5, contentHash: contentHash('hello') })
    expect(server.transfers[0]).toMatchObject({
      argument: { path: '/Grüße 🦊.txt', mode: 'add', autorename: false, client_modified: '2026-02-03T04:05:06Z' },
    })
    await expect(adapter.upload('/Grüße 🦊.txt', 'other')).rejects.toMatchObject({
      code: 'PROVIDER_REJECTED',
      status: 409,
      message: expect.stringContaining('path/conflict/file'),
    })
    const second = await adapter.upload('/Grüße 🦊.txt', 'second', { replaces: { revision: made.revision } })
    await expect(
      adapter.upload('/Grüße 🦊.txt', 'third', { replaces: { revision: made.revision } }),
    ).rejects.toMatchObject({ status: 409 })
    await adapter.upload('/Grüße 🦊.txt', Buffer.from('last'), { replaces: 'anything' })
    expect(Buffer.from(await adapter.download('/Grüße 🦊.txt')).toString()).toBe('last')
    expect(second.externalId).toBe(made.externalId)
    await adapter.deleteEntry(made.externalId)
    await expect(adapter.deleteEntry('/Grüße 🦊.txt')).rejects.toMatchObject({ status: 404 })
  })

  test('download a big file in parts of one revision, though it changes meanwhile', async () => {
    const { server, adapter } = await bare()
    const content = 'A'.repeat(17 * mebibyte)
    server.put('/big', content)
    const lengths: number[] = []
    for await (const part of adapter.downloadParts('/big')) {
      lengths.push(part.length)
      server.put('/big', 'changed')
    }
    expect(lengths).toEqual([8 * mebibyte, 8 * mebibyte, mebibyte])
    expect(server.transfers.map(({ range }) => range)).toEqual([
      'bytes=0-8388607',
      'bytes=8388608-16777215',
      'bytes=16777216-17825791',
    ])
    server.put('/empty', '')
    expect(await adapter.download('/empty')).toHaveLength(0)
    server.mkdir('/folder')
    await expect(adapter.download('/folder')).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  test.each([
    ['with another byte', (bytes: Buffer) => Buffer.from(bytes.map((byte, at) => (at === 0 ? byte + 1 : byte)))],
    ['with a byte less', (bytes: Buffer) => bytes.subarray(1)],
  ])('do not take a file for whole that arrives %s', async (_what, spoil) => {
    const { server, adapter } = await bare()
    server.put('/a.txt', 'content')
    server.spoil = spoil
    await expect(adapter.download('/a.txt')).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE', retryable: true })
  })
})

describe('a refusal', () => {
  test.each([
    [failing(401, 'expired_access_token'), { code: 'AUTHENTICATION_FAILED' }],
    [
      { status: 400, body: 'Error in call: The given OAuth 2 access token is malformed.' },
      { code: 'AUTHENTICATION_FAILED' },
    ],
    [
      failing(401, 'missing_scope', { required_scope: 'files.content.write' }),
      { code: 'PERMISSION_DENIED', message: expect.stringContaining('needs the scope files.content.write') },
    ],
    [failing(403, 'team_access_denied'), { code: 'PERMISSION_DENIED' }],
    [failing(409, 'path/insufficient_space'), { code: 'PROVIDER_REJECTED', status: 409 }],
    [failing(409, 'path/too_many_write_operations'), { code: 'PROVIDER_UNAVAILABLE', retryable: true }],
    [
      { ...failing(429, 'too_many_requests', { retry_after: 300 }), headers: { 'retry-after': '15' } },
      { code: 'RATE_LIMITED', retryAfterMs: 15_000 },
    ],
    [failing(429, 'too_many_requests', { retry_after: 300 }), { code: 'RATE_LIMITED', retryAfterMs: 300_000 }],
  ])('%j is understood', async (answer, expected) => {
    const { server, adapter } = await bare()
    server.service.fail(answer, Number.POSITIVE_INFINITY)
    await expect(adapter.deleteEntry('/a')).rejects.toMatchObject(expected)
  })

  test('of a read that may be repeated soon is waited out, one of an upload is not', async () => {
    const { server, adapter, waits } = await bare()
    server.put('/a', 'a')
    const limit = { ...failing(429, 'too_many_requests'), headers: { 'retry-after': '2' } }
    server.service.fail(limit)
    expect(await adapter.getEntry('/a')).toMatchObject({ path: '/a' })
    expect(waits).toEqual([2_000])
    server.service.fail(limit)
    await expect(adapter.upload('/b', 'b')).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 2_000 })
  })
})
