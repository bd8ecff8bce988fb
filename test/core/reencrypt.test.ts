import { expect, test } from 'vitest'
import { type MemoryRepositories, memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { operatorScope } from '../../src/core/domain/tenant.ts'
import type { Repositories } from '../../src/core/ports/repositories.ts'
import fernet from '../fixtures/fernet/tokens.json' with { type: 'json' }
import type { FakeClock } from '../support/fake-clock.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorldOver, shopDelivery, testKey } from '../support/shop-world.ts'

const old = { id: 'old', key: testKey(1) }
const renewed = { id: 'new', key: testKey(2) }

const worldWith = (repositories: Repositories<string, unknown>, keys: readonly { id: string; key: string }[]) =>
  createShopWorldOver(repositories, { encryption: { keys: [...keys] } })

async function rowOf(repositories: Pick<MemoryRepositories, 'connections'>, id: string) {
  const row = await repositories.connections.find({ scope: operatorScope, id })
  if (row === null) throw new Error('there is no such row')
  return row
}

/** Lets seconds pass until a run is over. */
async function ended(running: Promise<unknown>, clock: FakeClock) {
  let isOver = false
  void running.finally(() => {
    isOver = true
  })
  while (!isOver) {
    await clock.advance(1_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Connections sealed with the old key, and a world that seals with the new one. */
async function givenOld(count: number, wrap: (good: MemoryRepositories) => MemoryRepositories = (good) => good) {
  const repositories = memoryRepositories<string>()
  const before = await worldWith(repositories, [old])
  const ids: string[] = []
  for (let made = 0; made < count; made += 1) ids.push((await before.connect('acme', { test: false })).id)
  const world = await worldWith(wrap(repositories), [renewed, old])
  const { credentials } = world.connectors.operator
  return { repositories, before, world, ids, credentials }
}

test('reencrypt seals everything with the active key, and changes nothing else', async () => {
  const { repositories, world, ids, credentials } = await givenOld(5)
  const before = await Promise.all(ids.map((id) => rowOf(repositories, id)))
  const seen: number[] = []
  const onProgress = ({ connectionCount }: { connectionCount: number }) => void seen.push(connectionCount)
  expect(await credentials.reencrypt({ batchSize: 2, onProgress })).toEqual({
    status: 'completed',
    reason: null,
    activeKeyId: 'new',
    connectionCount: 5,
    resealedCount: 10,
    waitingCount: 0,
    failedCount: 0,
    failures: [],
  })
  expect(seen).toEqual([2, 4, 5])
  for (const row of before) {
    const { credentialsEncrypted, webhookSecretsEncrypted, version, updatedAt, ...rest } = row
    const after = await rowOf(repositories, row.id)
    expect(after).toMatchObject(rest)
    expect(after.credentialsEncrypted).toMatch(/^v1\.new\./)
    expect(after.webhookSecretsEncrypted).toMatch(/^v1\.new\./)
  }
  const tenant = world.connectors.forTenant('acme')
  for (const id of ids) expect((await tenant.connections.test(id)).status).toBe('connected')
  expect((await tenant.webhooks.receive(ids[0] ?? '', shopDelivery('{}'))).status).toBe('accepted')
  const onlyNew = await worldWith(repositories, [renewed])
  const view = onlyNew.connectors.forTenant('acme').connections.test(ids[0] ?? '')
  await expect(view).resolves.toMatchObject({ status: 'connected' })
})

test('a second run has nothing to do, and an interrupted one goes on where it stopped', async () => {
  const { credentials } = await givenOld(6)
  const stop = new AbortController()
  const options = { batchSize: 2, signal: stop.signal, onProgress: () => stop.abort() }
  const first = await credentials.reencrypt(options)
  expect(first).toMatchObject({ status: 'partial', reason: 'aborted', resealedCount: 4 })
  expect(await credentials.reencrypt()).toMatchObject({ status: 'completed', connectionCount: 6, resealedCount: 8 })
  expect(await credentials.reencrypt()).toMatchObject({ status: 'completed', connectionCount: 6, resealedCount: 0 })
})

test('what is written between reading and writing is never overwritten', async () => {
  let meanwhile: (() => Promise<unknown>) | null = null
  const { world, ids, credentials, before } = await givenOld(1, (good) => ({
    ...good,
    connections: {
      ...good.connections,
      reseal: async (ref, change) => {
        const write = meanwhile
        meanwhile = null
        await write?.()
        return good.connections.reseal(ref, change)
      },
    },
  }))
  const [id = ''] = ids
  // Another process, that knows only the old key.
  meanwhile = () => before.connectors.forTenant('acme').connections.rotateCredentials(id, { token: 'token-of-globex' })
  expect(await credentials.reencrypt()).toMatchObject({ status: 'completed', resealedCount: 2 })
  before.server.tokens.delete('token-of-acme')
  expect((await world.connectors.forTenant('acme').connections.test(id)).status).toBe('connected')
})

test('a connection whose credentials are being refreshed is passed over and looked at again', async () => {
  const { repositories, world, ids, credentials } = await givenOld(3)
  const [, leased = ''] = ids
  const ref = { tenantId: 'acme', id: leased }
  const at = world.clock.now()
  const lease = { owner: 'refresher', at, leaseMs: 60_000, clockSkewMs: 0, expectedCredentialsVersion: 1 }
  await repositories.connections.acquireRefreshLease(ref, lease)
  const progress: number[] = []
  let isThrough = () => {}
  const through = new Promise<void>((resolve) => {
    isThrough = resolve
  })
  const onProgress = ({ waitingCount }: { waitingCount: number }) => {
    progress.push(waitingCount)
    isThrough()
  }
  const running = credentials.reencrypt({ onProgress })
  await through
  await world.clock.advance(5_000)
  expect((await rowOf(repositories, leased)).credentialsEncrypted).toMatch(/^v1\.old\./)
  await repositories.connections.releaseRefreshLease(ref, { owner: 'refresher', at: world.clock.now() })
  await ended(running, world.clock)
  expect(await running).toMatchObject({ status: 'completed', connectionCount: 3, resealedCount: 6, waitingCount: 0 })
  expect(progress[0]).toBe(1)
  expect(progress.at(-1)).toBe(0)
})

test('a lease that never ends leaves the run partial, and says so', async () => {
  const { repositories, world, ids, credentials } = await givenOld(1)
  const at = world.clock.now()
  const lease = { owner: 'stuck', at, leaseMs: 10 ** 9, clockSkewMs: 0, expectedCredentialsVersion: 1 }
  await repositories.connections.acquireRefreshLease({ tenantId: 'acme', id: ids[0] ?? '' }, lease)
  const running = credentials.reencrypt()
  await ended(running, world.clock)
  expect(await running).toMatchObject({ status: 'partial', reason: 'busy', waitingCount: 1, resealedCount: 0 })
})

test('a value that does not open stops nothing, and is told', async () => {
  const { repositories, ids, credentials } = await givenOld(3)
  const row = await rowOf(repositories, ids[1] ?? '')
  const patch = { webhookSecretsEncrypted: row.credentialsEncrypted }
  await repositories.connections.update(row, { at: row.updatedAt, expectedVersion: row.version, patch })
  const result = await credentials.reencrypt()
  expect(result).toMatchObject({ status: 'partial', reason: 'failed', resealedCount: 5, failedCount: 1 })
  expect(result.failures).toMatchObject([
    { tenantId: 'acme', connectionId: row.id, field: 'webhookSecrets', code: 'SEALED_VALUE_TAMPERED' },
  ])
})

test('keyUsage counts all sealed values by key, those of keys that are not known here too', async () => {
  const { repositories, world, ids, credentials } = await givenOld(2)
  await world.connectors.forTenant('acme').connections.rotateCredentials(ids[0] ?? '', { token: 't' })
  const counts = {
    credentialsCount: 1,
    webhookSecretsCount: 2,
    settingsCount: 0,
    authorizationsCount: 0,
    valueCount: 3,
  }
  expect(await credentials.keyUsage()).toEqual({
    activeKeyId: 'new',
    keys: [
      {
        id: 'new',
        isActive: true,
        isConfigured: true,
        credentialsCount: 1,
        webhookSecretsCount: 0,
        settingsCount: 0,
        authorizationsCount: 0,
        valueCount: 1,
      },
      { id: 'old', isActive: false, isConfigured: true, ...counts },
    ],
    unreadableCount: 0,
  })
  const third = await worldWith(repositories, [{ id: 'third', key: testKey(3) }, renewed])
  const { keys } = await third.connectors.operator.credentials.keyUsage()
  expect(keys.map(({ id, isConfigured, valueCount }) => [id, isConfigured, valueCount])).toEqual([
    ['third', true, 0],
    ['new', true, 1],
    ['old', false, 3],
  ])
})

test('a key in use cannot be called retired, and neither can the active one', async () => {
  const { credentials } = await givenOld(2)
  await expect(credentials.assertUnused('old')).rejects.toMatchObject({
    code: 'KEY_IN_USE',
    message: expect.stringMatching(/4 values.*"old".*reencrypt/),
  })
  await credentials.reencrypt()
  await expect(credentials.assertUnused('old')).resolves.toBeUndefined()
  await expect(credentials.assertUnused('new')).rejects.toMatchObject({ code: 'KEY_IN_USE' })
  await expect(credentials.assertUnused(7 as never)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
})

test.each([
  [{ batchSize: 0 }, 'batchSize'],
  [{ batchSize: 1_001 }, 'batchSize'],
  [{ onProgress: 'no' }, 'onProgress'],
  [{ signal: {} }, 'signal'],
  [{ batch: 1 }, 'batch'],
])('refuses the options %o', async (options, named) => {
  const { credentials } = await givenOld(0)
  await expect(credentials.reencrypt(options as never)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringContaining(named),
  })
})

test('close() stops a run', async () => {
  const { world, credentials } = await givenOld(4)
  let closing: Promise<void> | null = null
  const onProgress = () => {
    closing ??= world.connectors.close()
  }
  const running = credentials.reencrypt({ batchSize: 1, onProgress })
  expect(await running).toMatchObject({ status: 'partial', reason: 'aborted', resealedCount: 2 })
  await closing
})

test('in a rolling deploy, who lacks the new key says which, and disables nothing', async () => {
  const { repositories, before: behind, world: ahead, ids, credentials } = await givenOld(1)
  const [id = ''] = ids
  const tenant = behind.connectors.forTenant('acme')
  await tenant.connections.test(id)
  const adapter = await tenant.connections.adapter(id, shop)
  await adapter.ping()
  await ahead.connectors.forTenant('acme').connections.rotateCredentials(id, { token: 'token-of-acme' })
  await credentials.reencrypt()
  await behind.clock.advance(1_000)
  const sent = behind.server.requests.length
  const lacking = { code: 'UNKNOWN_KEY', message: expect.stringMatching(/"new".*configured: old/) }
  for (let call = 0; call < 4; call += 1) {
    await expect(adapter.ping()).rejects.toMatchObject(lacking)
    await expect(tenant.connections.test(id)).rejects.toMatchObject(lacking)
    await expect(tenant.webhooks.receive(id, shopDelivery('{}'))).rejects.toMatchObject(lacking)
  }
  const request = new Request(`http://localhost/webhooks/${id}`, { method: 'POST', body: '{}' })
  expect((await behind.connectors.handler(request)).status).toBe(503)
  expect(behind.server.requests.length).toBe(sent)
  expect(await rowOf(repositories, id)).toMatchObject({
    isEnabled: true,
    isConnected: true,
    authFailureCount: 0,
    disabledReason: null,
    pausedUntil: null,
  })
  expect((await ahead.connectors.forTenant('acme').connections.test(id)).status).toBe('connected')
  // One that starts without the key works for the others, and says what it lacks.
  const late = await worldWith(repositories, [old])
  await late.connectors.ready()
  expect(late.logLines.join()).toMatch(/"keyId":"new".*key is missing here/)
})

test('ready() finds a wrong active key by the newest rows, however many old ones there are', async () => {
  const { repositories, world } = await givenOld(45)
  await world.connect('globex', { test: false })
  const wrong = await worldWith(repositories, [{ id: 'new', key: testKey(9) }, old])
  await expect(wrong.connectors.ready()).rejects.toMatchObject({
    code: 'WRONG_KEY',
    message: expect.stringContaining('"new"'),
  })
})

/** A row as it is after the data of the ancestor were copied: its token in the column, everything else ours. */
async function givenAncestor(token: string) {
  const { repositories, before, ids } = await givenOld(1)
  const row = await rowOf(repositories, ids[0] ?? '')
  const { credentialsVersion: expectedCredentialsVersion, updatedAt: at } = row
  const plain = { tokenExpiresAt: null, tokenRefreshAt: null }
  const change = { at, expectedCredentialsVersion, credentialsEncrypted: token, ...plain }
  await repositories.connections.replaceCredentials(row, change)
  return { repositories, before, row }
}

test('credentials that Python stored open, and are sealed anew', async () => {
  const token = fernet.tokens[0]?.token ?? ''
  const { repositories, before, row } = await givenAncestor(token)
  const encryption = { keys: [renewed, old, { id: 'django', fernet: fernet.key }] }
  const { connectors } = await createShopWorldOver(repositories, { encryption })
  before.server.tokens.add('sk-secret123')
  const { credentials } = connectors.operator
  expect((await connectors.forTenant('acme').connections.test(row.id)).status).toBe('connected')
  expect((await credentials.keyUsage()).keys).toMatchObject([
    { id: 'new' },
    { id: 'old' },
    { id: 'django', valueCount: 1 },
  ])
  await expect(credentials.assertUnused('django')).rejects.toMatchObject({ code: 'KEY_IN_USE' })
  expect(await credentials.reencrypt()).toMatchObject({ status: 'completed', resealedCount: 2 })
  await credentials.assertUnused('django')
  const after = await createShopWorldOver(repositories, { encryption: { keys: [renewed] } })
  const tested = await after.connectors.forTenant('acme').connections.test(row.id)
  expect(tested.status).toBe('connected')
  expect((await rowOf(repositories, row.id)).credentialsEncrypted).toMatch(/^v1\.new\./)
})

test('without its Fernet key a token is a mistake in the configuration', async () => {
  const { repositories, row } = await givenAncestor(fernet.tokens[0]?.token ?? '')
  const none = await worldWith(repositories, [renewed, old])
  await expect(none.connectors.forTenant('acme').connections.test(row.id)).rejects.toMatchObject({
    code: 'UNKNOWN_KEY',
    message: expect.stringMatching(/Fernet token.*\{ id, fernet \}/),
  })
  expect(await none.connectors.operator.credentials.keyUsage()).toMatchObject({ unreadableCount: 1 })
  // Taken out too early: nobody can say any more that nothing needs it.
  await expect(none.connectors.operator.credentials.assertUnused('django')).rejects.toMatchObject({
    code: 'KEY_IN_USE',
    message: expect.stringMatching(/put "django" back/),
  })
  const encryption = { keys: [renewed, old, { id: 'django', fernet: fernet.derived.key }] }
  const wrong = await createShopWorldOver(repositories, { encryption })
  await expect(wrong.connectors.ready()).rejects.toMatchObject({
    code: 'WRONG_KEY',
    message: expect.stringMatching(/Fernet.*django/),
  })
})

test('a Fernet token opens as credentials only', async () => {
  const { repositories, row } = await givenAncestor(fernet.tokens[0]?.token ?? '')
  const now = await rowOf(repositories, row.id)
  const patch = { webhookSecretsEncrypted: fernet.tokens[0]?.token ?? '' }
  await repositories.connections.update(now, { at: now.updatedAt, expectedVersion: now.version, patch })
  const encryption = { keys: [renewed, old, { id: 'django', fernet: fernet.key }] }
  const { connectors } = await createShopWorldOver(repositories, { encryption })
  const receiving = connectors.forTenant('acme').webhooks.receive(row.id, shopDelivery('{}'))
  await expect(receiving).rejects.toMatchObject({ code: 'SEALED_VALUE_MALFORMED' })
})
