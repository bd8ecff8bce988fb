import { createHmac } from 'node:crypto'
import { memoryRepositories } from 'bapp-connectors/memory'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { startConnectors } from '../../examples/dropbox-files.ts'
import { dropboxAccountId, dropboxToken, startDropboxServer } from '../support/dropbox-server.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { testKey } from '../support/shop-world.ts'

async function start() {
  const server = await startDropboxServer()
  server.pageSize = 3
  const repositories = memoryRepositories<string>()
  const connectors = startConnectors(repositories, {
    provider: server.provider,
    encryption: { keys: [{ id: 'k1', key: testKey() }] },
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
  const kept = () => [...repositories.table<unknown>('entries').keys()].map((key) => key.slice(id.length + 1)).sort()
  return { server, connectors, acme, id, kept }
}

const path = fc.array(fc.constantFrom('a', 'B'), { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`)
const change = fc.record({ act: fc.constantFrom('put', 'mkdir', 'remove', 'remove'), path })
/** Things happen, some pages are fetched, more happens, the cursor may be forgotten, and a run goes to the end. */
const round = fc.record({
  before: fc.array(change, { maxLength: 4 }),
  pages: fc.nat(1),
  after: fc.array(change, { maxLength: 4 }),
  isForgotten: fc.boolean(),
})

test('whatever happens, and whenever Dropbox forgets a cursor, the list is right when a run is over', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(round, { minLength: 2, maxLength: 4 }), async (rounds) => {
      const { server, acme, id, kept } = await start()
      for (const name of ['/a/a', '/a/B', '/B']) server.put(name, name)
      const apply = (changes: readonly { readonly act: string; readonly path: string }[]) => {
        for (const { act, path: at } of changes) {
          if (act === 'put') server.put(at, at)
          else if (act === 'mkdir') server.mkdir(at)
          else server.remove(at)
        }
      }
      for (const { before, pages, after, isForgotten } of rounds) {
        apply(before)
        for (let page = 0; page < pages; page += 1) await acme.sync.page(id, 'files')
        apply(after)
        if (isForgotten) server.forgetCursors()
        await acme.sync.run(id, 'files')
        expect(kept()).toEqual(server.paths())
      }
    }),
    { numRuns: 8 },
  )
})

test('a delivery has the files synced, by whoever runs what is due', async () => {
  const { server, connectors, acme, id, kept } = await start()
  server.put('/new.txt', 'new')
  const body = Buffer.from(JSON.stringify({ list_folder: { accounts: [dropboxAccountId] } }))
  await acme.connections.rotateWebhookSecret(id, { secret: 'secret-of-the-app' })
  const signature = createHmac('sha256', 'secret-of-the-app').update(body).digest('hex')
  expect(await acme.webhooks.receive(id, { headers: { 'x-dropbox-signature': signature }, body })).toMatchObject({
    status: 'accepted',
  })
  await connectors.operator.webhooks.processDue()
  await connectors.operator.sync.runDue()
  expect(kept()).toEqual(['/new.txt'])
})
