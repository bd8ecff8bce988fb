import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type MemoryRepositories, memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import type { Connection } from '../../src/core/domain/connection.ts'
import { isConnectorsError } from '../../src/core/domain/errors.ts'
import { operatorScope } from '../../src/core/domain/tenant.ts'
import { createConnectors } from '../../src/create-connectors.ts'
import { bearer, defineProvider } from '../../src/providers/kit/index.ts'
import { createShopWorldOver, shopDelivery, testKey } from '../support/shop-world.ts'

type Keys = readonly { id: string; key?: string; passphrase?: string }[]

const worldWith = (repositories: MemoryRepositories, keys: Keys) =>
  createShopWorldOver(repositories, { encryption: { keys: [...keys] } })

/** Puts another text in the place of a connection's sealed credentials, as an attacker with write access would. */
async function overwrite(
  repositories: MemoryRepositories,
  id: string,
  change: (connection: Connection<string>) => { credentials?: string; webhookSecrets?: string },
) {
  const row = await rowOf(repositories, id)
  const { credentials, webhookSecrets } = change(row)
  const at = row.updatedAt
  if (credentials !== undefined) {
    await repositories.connections.replaceCredentials(row, {
      at,
      expectedCredentialsVersion: row.credentialsVersion,
      credentialsEncrypted: credentials,
      tokenExpiresAt: null,
      tokenRefreshAt: null,
    })
  }
  if (webhookSecrets !== undefined) {
    await repositories.connections.update(row, {
      at,
      expectedVersion: row.version,
      patch: { webhookSecretsEncrypted: webhookSecrets },
    })
  }
}

async function rowOf(repositories: MemoryRepositories, id: string): Promise<Connection<string>> {
  const row = await repositories.connections.find({ scope: operatorScope, id })
  if (row === null) throw new Error('there is no such row')
  return row
}

const errorOf = async (promise: Promise<unknown>) => {
  try {
    await promise
  } catch (error) {
    if (isConnectorsError(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

test('nothing secret is stored in clear', async () => {
  const repositories = memoryRepositories<string>()
  const { connect } = await worldWith(repositories, [{ id: 'k1', key: testKey() }])
  const { id } = await connect('acme')
  const text = JSON.stringify(await rowOf(repositories, id))
  expect(text).not.toContain('token-of-acme')
  expect(text).not.toContain('whsec-of-the-test-shop')
  expect(text).toContain('v1.k1.')
})

test('the same credentials are sealed differently each time', async () => {
  const repositories = memoryRepositories<string>()
  const { connect } = await worldWith(repositories, [{ id: 'k1', key: testKey() }])
  const [one, other] = [await connect('acme'), await connect('acme')]
  const [first, second] = [await rowOf(repositories, one.id), await rowOf(repositories, other.id)]
  expect(first.credentialsEncrypted.split('.')[2]).not.toBe(second.credentialsEncrypted.split('.')[2])
})

test('a ciphertext that was moved to another row of the tenant does not open', async () => {
  const repositories = memoryRepositories<string>()
  const { connectors, connect, server } = await worldWith(repositories, [{ id: 'k1', key: testKey() }])
  const [mine, other] = [await connect('acme'), await connect('acme')]
  const { credentialsEncrypted } = await rowOf(repositories, other.id)
  await overwrite(repositories, mine.id, () => ({ credentials: credentialsEncrypted }))
  const sent = server.requests.length
  const error = await errorOf(connectors.forTenant('acme').connections.test(mine.id))
  expect(error).toMatchObject({ code: 'SEALED_VALUE_TAMPERED', message: expect.stringContaining('"k1"') })
  expect(error.message).toMatch(/another row, field or tenant/)
  expect(server.requests.length).toBe(sent)
})

test('a ciphertext that was moved to another tenant does not open', async () => {
  const repositories = memoryRepositories<string>()
  const { connectors, connect } = await worldWith(repositories, [{ id: 'k1', key: testKey() }])
  const { id } = await connect('acme')
  const row = await rowOf(repositories, id)
  // The whole row, id and all, under another tenant: possible only in another store.
  const elsewhere = memoryRepositories<string>()
  const there = await worldWith(elsewhere, [{ id: 'k1', key: testKey() }])
  await there.connect('globex', { token: 'token-of-globex' })
  await elsewhere.connections.create({ ...row, tenantId: 'globex' })
  const error = await errorOf(there.connectors.forTenant('globex').connections.test(id))
  expect(error.code).toBe('SEALED_VALUE_TAMPERED')
  await expect(connectors.forTenant('acme').connections.test(id)).resolves.toMatchObject({ status: 'connected' })
})

test('a ciphertext that was moved to another field does not open', async () => {
  const repositories = memoryRepositories<string>()
  const { connectors, connect } = await worldWith(repositories, [{ id: 'k1', key: testKey() }])
  const { id } = await connect('acme')
  await overwrite(repositories, id, (row) => ({ webhookSecrets: row.credentialsEncrypted }))
  const fresh = await worldWith(repositories, [{ id: 'k1', key: testKey() }])
  const error = await errorOf(fresh.connectors.forTenant('acme').webhooks.receive(id, shopDelivery('{}')))
  expect(error).toMatchObject({ code: 'SEALED_VALUE_TAMPERED', message: expect.stringContaining('webhookSecrets') })
  void connectors
})

test('an altered ciphertext does not open', async () => {
  const repositories = memoryRepositories<string>()
  const { connectors, connect } = await worldWith(repositories, [{ id: 'k1', key: testKey() }])
  const { id } = await connect('acme')
  await overwrite(repositories, id, (row) => {
    const parts = row.credentialsEncrypted.split('.')
    const bytes = Buffer.from(parts[3] ?? '', 'base64url')
    bytes[0] = (bytes[0] ?? 0) ^ 1
    return { credentials: [...parts.slice(0, 3), bytes.toString('base64url')].join('.') }
  })
  const error = await errorOf(connectors.forTenant('acme').connections.test(id))
  expect(error).toMatchObject({ code: 'SEALED_VALUE_TAMPERED', message: expect.stringContaining('"k1"') })
})

test('a column that holds no sealed value is told from one that was tampered with', async () => {
  const repositories = memoryRepositories<string>()
  const { connectors, connect } = await worldWith(repositories, [{ id: 'k1', key: testKey() }])
  const { id } = await connect('acme')
  await overwrite(repositories, id, () => ({ credentials: '{"token":"token-of-acme"}' }))
  const error = await errorOf(connectors.forTenant('acme').connections.test(id))
  expect(error.code).toBe('SEALED_VALUE_MALFORMED')
  expect(error.message).not.toContain('token-of-acme')
})

test('an unknown key id is a mistake in the configuration, never a failure of the credentials', async () => {
  const repositories = memoryRepositories<string>()
  const { connect } = await worldWith(repositories, [{ id: 'old', key: testKey() }])
  const { id } = await connect('acme')
  const { connectors, server } = await worldWith(repositories, [{ id: 'new', key: testKey(2) }])
  const tenant = connectors.forTenant('acme')
  const error = await errorOf(tenant.connections.test(id))
  expect(error).toMatchObject({ code: 'UNKNOWN_KEY', retryable: false })
  expect(error.message).toMatch(/"old".*configured: new.*encryption\.keys/)
  await expect(tenant.connections.get(id)).resolves.toMatchObject({ authFailureCount: 0, isConnected: true })
  expect(server.requests).toEqual([])
})

test('ready() refuses a key that is not the one of its name, before anything is sealed with it', async () => {
  const repositories = memoryRepositories<string>()
  const { connect } = await worldWith(repositories, [{ id: 'k1', key: testKey(1) }])
  await connect('acme')
  const wrong = await worldWith(repositories, [{ id: 'k1', key: testKey(2) }])
  const error = await errorOf(wrong.connectors.ready())
  expect(error).toMatchObject({ code: 'WRONG_KEY', message: expect.stringContaining('"k1"') })
  await expect(wrong.connect('globex')).rejects.toMatchObject({ code: 'WRONG_KEY' })
  expect((await repositories.connections.list({ scope: operatorScope, filter: {}, limit: 10 })).items).toHaveLength(1)
})

test('ready() passes when there is nothing to open yet, and when rows belong to keys that are not known here', async () => {
  const repositories = memoryRepositories<string>()
  const first = await worldWith(repositories, [{ id: 'k1', key: testKey(1) }])
  await first.connectors.ready()
  await first.connect('acme')
  const other = await worldWith(repositories, [{ id: 'k2', key: testKey(2) }])
  await expect(other.connectors.ready()).resolves.toBeUndefined()
})

test.each([
  ['altered', (sealed: string) => `${sealed.slice(0, -4)}AAAA`],
  ['no sealed value at all', () => 'not-sealed'],
])('one row whose credentials are %s does not keep the others from working', async (_title, spoil) => {
  const repositories = memoryRepositories<string>()
  const { connect } = await worldWith(repositories, [{ id: 'k1', key: testKey() }])
  const [bad, good] = [await connect('acme'), await connect('globex', { token: 'token-of-globex' })]
  await overwrite(repositories, bad.id, (row) => ({ credentials: spoil(row.credentialsEncrypted) }))
  const { connectors } = await worldWith(repositories, [{ id: 'k1', key: testKey() }])
  await connectors.ready()
  await expect(connectors.forTenant('globex').connections.test(good.id)).resolves.toMatchObject({ status: 'connected' })
  const error = await errorOf(connectors.forTenant('acme').connections.test(bad.id))
  expect(error.code).toMatch(/^SEALED_VALUE_/)
})

test('a key rolls over in two steps: the old one still opens, the new one seals', async () => {
  const repositories = memoryRepositories<string>()
  const k1 = { id: 'k1', key: testKey(1) }
  const k2 = { id: 'k2', key: testKey(2) }
  const before = await worldWith(repositories, [k1])
  const old = await before.connect('acme')
  const between = await worldWith(repositories, [k1, k2])
  const middle = await between.connect('acme')
  const after = await worldWith(repositories, [k2, k1])
  const fresh = await after.connect('acme')
  const keyOf = async (id: string) => (await rowOf(repositories, id)).credentialsEncrypted.split('.')[1]
  expect([await keyOf(old.id), await keyOf(middle.id), await keyOf(fresh.id)]).toEqual(['k1', 'k1', 'k2'])
  const tenant = after.connectors.forTenant('acme')
  for (const { id } of [old, middle, fresh]) {
    await expect(tenant.connections.test(id)).resolves.toMatchObject({ status: 'connected' })
  }
  await tenant.connections.rotateCredentials(old.id, { token: 'token-of-acme' })
  expect(await keyOf(old.id)).toBe('k2')
})

test('a passphrase makes the same key in every process, another one another', async () => {
  const repositories = memoryRepositories<string>()
  const passphrase = 'correct horse battery staple'
  const { id } = await (await worldWith(repositories, [{ id: 'p1', passphrase }])).connect('acme')
  const same = await worldWith(repositories, [{ id: 'p1', passphrase }])
  await expect(same.connectors.forTenant('acme').connections.test(id)).resolves.toMatchObject({ status: 'connected' })
  const other = await worldWith(repositories, [{ id: 'p1', passphrase: `${passphrase}!` }])
  await expect(other.connectors.ready()).rejects.toMatchObject({ code: 'WRONG_KEY' })
})

test('opened credentials print as [redacted] in JSON and in inspect, for the provider too', async () => {
  const prints: string[] = []
  const chatty = defineProvider({
    family: 'shop',
    name: 'chatty',
    label: 'Chatty',
    credentials: z.object({ token: z.string() }),
    http: { baseUrl: () => 'http://127.0.0.1:1', auth: ({ token }) => bearer(token), retries: 0 },
    adapter: ({ credentials }) => ({
      async show() {
        prints.push(JSON.stringify({ credentials }), inspect({ credentials }, { depth: 9 }), credentials.token)
      },
    }),
    test: (adapter) => adapter.show(),
  })
  const connectors = createConnectors(memoryRepositories<string>(), {
    providers: [chatty],
    encryption: { keys: [{ id: 'k1', key: testKey() }] },
  })
  const { connections } = connectors.forTenant('acme')
  const { id } = await connections.create(chatty, { credentials: { token: 'planted-secret' } })
  await connections.test(id)
  const [json, inspected, value] = prints
  expect(json).toBe('{"credentials":"[redacted]"}')
  expect(inspected).toContain('[redacted]')
  expect(inspected).not.toContain('planted-secret')
  expect(value).toBe('planted-secret')
  await connectors.close()
})

test('what the schema of the credentials accepts comes back exactly', async () => {
  const seen: unknown[] = []
  const odd = defineProvider({
    family: 'shop',
    name: 'odd',
    label: 'Odd',
    credentials: z.object({
      big: z.bigint(),
      since: z.date(),
      scopes: z.set(z.string()),
      key: z.instanceof(Uint8Array),
      $: z.string(),
      text: z.string(),
      nothing: z.undefined(),
    }),
    http: { baseUrl: () => 'http://127.0.0.1:1', auth: () => bearer('x'), retries: 0 },
    adapter: ({ credentials }) => ({
      async show() {
        seen.push({ ...credentials })
      },
    }),
    test: (adapter) => adapter.show(),
  })
  const connectors = createConnectors(memoryRepositories<string>(), {
    providers: [odd],
    encryption: { keys: [{ id: 'k1', key: testKey() }] },
  })
  const credentials = {
    big: 2n ** 80n,
    since: new Date('2026-01-02T03:04:05.678Z'),
    scopes: new Set(['read', 'write']),
    key: new Uint8Array([0, 255, 1]),
    $: 'dollar',
    text: 'NUL \0, half \ud800, emoji 🦊',
    nothing: undefined,
  }
  const { connections } = connectors.forTenant('acme')
  const { id } = await connections.create(odd, { credentials })
  await connections.test(id)
  expect(seen).toEqual([credentials])
  await connectors.close()
})
