import { inspect } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { eventNames } from '../../src/core/domain/events.ts'
import { operatorScope } from '../../src/core/domain/tenant.ts'
import type { Repositories } from '../../src/core/ports/repositories.ts'
import { createConnectors } from '../../src/create-connectors.ts'
import { bearer, defineProvider, field } from '../../src/providers/kit/index.ts'
import { startFakeProvider } from '../../src/testing/fake-provider.ts'
import { testKey } from '../support/shop-world.ts'
import { watchedStore } from '../support/watched-store.ts'

const settingsSchema = z.strictObject({
  url: z.url(),
  sender: z.string().default('shop'),
  password: field(z.string().min(8), { label: 'Password', secret: true }),
  relay: z.object({ host: z.string(), key: field(z.string(), { secret: true }) }).optional(),
  pin: field(z.string().nullable().optional(), { secret: true }),
})

const prints: string[] = []

const mail = defineProvider({
  family: 'mail',
  name: 'mailer',
  label: 'Mailer',
  allowMultiple: true,
  credentials: z.object({ token: z.string() }),
  settings: settingsSchema,
  http: { baseUrl: ({ url }) => url, auth: ({ token }) => bearer(token), retries: 0 },
  adapter: ({ http, settings }) => {
    if (settings.sender === 'broken') throw new TypeError(`can not use ${settings.password}`)
    return {
      async settings() {
        return { ...settings }
      },
      async print() {
        prints.push(JSON.stringify({ settings }), inspect(settings))
      },
      async send() {
        return (await http.get('/send', { query: { with: settings.password, key: settings.relay?.key } })).json()
      },
      async leak() {
        throw new TypeError(`could not sign with ${settings.password} and ${settings.relay?.key}`)
      },
    }
  },
  test: (adapter) => adapter.send(),
})

const password = 'planted-password'
const relay = { host: 'relay.test', key: 'planted-relay-key' }

async function createMailWorld({
  repositories = memoryRepositories<string>(),
  keyId = 'k1',
}: {
  readonly repositories?: Repositories<string>
  readonly keyId?: string
} = {}) {
  const server = await startFakeProvider((request, response) => {
    response.statusCode = request.url.includes('planted') && !request.url.includes('planted-and-refused') ? 200 : 422
    response.end(JSON.stringify({ echo: request.url }))
  })
  const shown: unknown[] = []
  const log = (...line: unknown[]) => void shown.push(line)
  const connectors = createConnectors(repositories, {
    providers: [mail],
    encryption: { keys: [{ id: keyId, key: testKey(keyId === 'k1' ? 1 : 2) }] },
    http: { allowPrivateNetwork: true },
    audit: { bodies: 'always' },
    logger: { debug: log, info: log, warn: log, error: log },
  })
  for (const name of eventNames) connectors.on(name, (event) => shown.push(event))
  onTestFinished(async () => {
    await connectors.close()
    await server.close()
  })
  const { connections, executions } = connectors.forTenant('acme')
  const create = async (change: object = {}) => {
    const view = await connections.create(mail, {
      credentials: { token: 'token-of-acme' },
      settings: { url: server.origin, password, relay, ...change },
    })
    shown.push(view)
    return view
  }
  const rowOf = async (id: string) => {
    const row = await repositories.connections.find({ scope: operatorScope, id, includeDeleted: true })
    if (row === null) throw new Error('no such row')
    return row
  }
  const settingsOf = async (id: string) => {
    await connections.enable(id)
    return (await connections.adapter(id, mail)).settings()
  }
  return { connectors, connections, executions, create, rowOf, settingsOf, server, shown, repositories }
}

describe('a setting that is declared secret', () => {
  test('is sealed in a column of its own, whole if the secret is within it, and reaches the adapter', async () => {
    const { create, rowOf, settingsOf, server } = await createMailWorld()
    const view = await create({ pin: null })
    const row = await rowOf(view.id)
    expect(row.config).toEqual({ url: server.origin })
    expect(view.settings).toEqual({ url: server.origin })
    expect(row.settingsEncrypted).toMatch(/^v1\.k1\./)
    expect(await settingsOf(view.id)).toEqual({ url: server.origin, sender: 'shop', password, relay, pin: null })
  })

  test('opens only in the row and the column it was sealed for', async () => {
    const { connections, create, rowOf, repositories } = await createMailWorld()
    const [one, other] = [await create(), await create({ password: 'planted-other-password' })]
    const { settingsEncrypted, credentialsEncrypted } = await rowOf(other.id)
    for (const sealed of [settingsEncrypted, credentialsEncrypted]) {
      const row = await rowOf(one.id)
      const patch = { settingsEncrypted: sealed }
      await repositories.connections.update(row, { at: new Date(), expectedVersion: row.version, patch })
      await expect(connections.test(one.id)).rejects.toMatchObject({
        code: 'SEALED_VALUE_TAMPERED',
        message: expect.stringContaining('settings'),
      })
    }
  })

  test('appears in no view, event, log line, audit row or error', async () => {
    const { connections, executions, create, shown } = await createMailWorld()
    const { id } = await create()
    shown.push(await connections.test(id), await connections.list().all())
    const adapter = await connections.adapter(id, mail)
    shown.push(await adapter.leak().catch(inspect))
    shown.push(await connections.updateSettings(id, { url: 'http://127.0.0.1:1', password: 'planted-second-password' }))
    shown.push(await connections.test(id))
    shown.push(await connections.updateSettings(id, { url: 1, password: { planted: 1 } } as never).catch(inspect))
    shown.push(await connections.validateSettings(id, { url: 1, password: 'planted' }))
    const rows = await executions.list().all()
    expect(rows).toHaveLength(2)
    expect(JSON.stringify(rows)).toContain('[redacted]')
    const text = inspect([shown, rows], { depth: 20, maxStringLength: null, maxArrayLength: null })
    expect(text).toContain('Mailer')
    expect(text).not.toContain('planted')
    expect(text).not.toContain('Encrypted')
  })

  test('prints as [redacted] for the provider too', async () => {
    const { connections, create } = await createMailWorld()
    const { id } = await create()
    await connections.test(id)
    await (await connections.adapter(id, mail)).print()
    expect(prints.splice(0).join()).not.toContain('planted')
  })

  test('does not leave in what its provider throws while it makes the adapter', async () => {
    const { connections, create } = await createMailWorld()
    const { id } = await create({ sender: 'broken' })
    const outcome = await connections.test(id)
    expect(outcome).toMatchObject({ status: 'unreachable', message: expect.stringContaining('[redacted]') })
    expect(inspect(outcome)).not.toContain('planted')
  })

  test('is erased when the connection is deleted', async () => {
    const { connections, create, rowOf } = await createMailWorld()
    const { id } = await create()
    await connections.delete(id)
    expect(await rowOf(id)).toMatchObject({ config: {}, settingsEncrypted: null })
  })

  test('that does not fit is refused by name, and nothing is stored', async () => {
    const { connections, create, repositories, rowOf } = await createMailWorld()
    const refused = [{ password: 'short' }, { password: undefined }, { password: null }, { relay: { host: 'h' } }]
    for (const change of refused) {
      await expect(create(change)).rejects.toMatchObject({
        code: 'INVALID_SETTINGS',
        message: expect.stringContaining(Object.keys(change).join()),
      })
    }
    expect(await repositories.connections.list({ scope: operatorScope, filter: {}, limit: 9, after: null })).toEqual({
      items: [],
      next: null,
    })
    const { id } = await create()
    const before = await rowOf(id)
    await expect(connections.updateSettings(id, { password: 'new-planted-password' })).rejects.toMatchObject({
      code: 'INVALID_SETTINGS',
      message: expect.stringContaining('url'),
    })
    expect(await rowOf(id)).toEqual(before)
  })
})

describe('new settings', () => {
  test('keep the secrets that they do not mention, and replace all else', async () => {
    const { connections, create, settingsOf, server } = await createMailWorld()
    const { id } = await create({ sender: 'acme' })
    await connections.updateSettings(id, { url: server.origin })
    expect(await settingsOf(id)).toEqual({ url: server.origin, sender: 'shop', password, relay })
    await connections.updateSettings(id, { url: server.origin, password: 'planted-password-2', relay: undefined })
    expect(await settingsOf(id)).toMatchObject({ password: 'planted-password-2', relay })
  })

  test('take a secret away with null, store null where the schema takes it, and refuse it where one is needed', async () => {
    const { connections, create, settingsOf, server } = await createMailWorld()
    const { id } = await create({ pin: '1234' })
    const url = server.origin
    await connections.updateSettings(id, { url, relay: null })
    expect(await settingsOf(id)).toEqual({ url, sender: 'shop', password, pin: '1234' })
    await connections.updateSettings(id, { url, pin: null })
    expect(await settingsOf(id)).toEqual({ url, sender: 'shop', password, pin: null })
    await expect(connections.updateSettings(id, { url, password: null })).rejects.toMatchObject({
      code: 'INVALID_SETTINGS',
      message: expect.stringContaining('password'),
    })
    expect(await settingsOf(id)).toMatchObject({ password })
  })

  test('are used from the next call on, by adapters that are held too', async () => {
    const { connections, create, server } = await createMailWorld()
    const { id } = await create()
    await connections.test(id)
    const adapter = await connections.adapter(id, mail)
    await connections.updateSettings(id, { url: server.origin, password: 'planted-password-2' })
    expect(await adapter.settings()).toMatchObject({ password: 'planted-password-2' })
  })

  test('are valid exactly when they would be stored', async () => {
    const { connections, create, server } = await createMailWorld()
    const { id } = await create()
    expect(await connections.validateSettings(id, { url: server.origin })).toEqual({ isValid: true })
    expect(await connections.validateSettings(id, { url: server.origin, password: null })).toMatchObject({
      isValid: false,
      issues: [{ path: 'password' }],
    })
    const unstorable = { url: server.origin, relay: Object.assign(() => {}, relay) }
    expect(await connections.validateSettings(id, unstorable)).toMatchObject({ issues: [{ path: 'relay' }] })
    await expect(connections.updateSettings(id, unstorable)).rejects.toMatchObject({ code: 'INVALID_SETTINGS' })
  })

  test('that are written at the same time do not undo one another: each keeps what it does not mention', async () => {
    const repositories = memoryRepositories<string>()
    let meanwhile: (() => Promise<unknown>) | null = null
    const watched = watchedStore(repositories, async (call) => {
      if (call !== 'connections.update') return
      const work = meanwhile
      meanwhile = null
      await work?.()
    })
    const { connections, create, settingsOf, server } = await createMailWorld({ repositories: watched })
    const { id } = await create()
    const url = server.origin
    meanwhile = () => connections.updateSettings(id, { url, password: 'planted-password-2' })
    await connections.updateSettings(id, { url, pin: '1234' })
    expect(await settingsOf(id)).toMatchObject({ password: 'planted-password-2', pin: '1234', relay })
  })

  test('that give every secret anew need not open the old ones: so lost ones are replaced', async () => {
    const { create, repositories } = await createMailWorld()
    const { id } = await create()
    const after = await createMailWorld({ repositories, keyId: 'k2' })
    const url = after.server.origin
    await expect(after.connections.updateSettings(id, { url })).rejects.toMatchObject({ code: 'UNKNOWN_KEY' })
    await after.connections.updateSettings(id, { url, password: 'planted-password-2', relay: null, pin: '1' })
    await after.connections.rotateCredentials(id, { token: 't' })
    expect(await after.settingsOf(id)).toEqual({ url, sender: 'shop', password: 'planted-password-2', pin: '1' })
  })

  test('seal what was stored in the open before its provider declared it secret', async () => {
    const { connections, create, rowOf, settingsOf, repositories, server } = await createMailWorld()
    const { id } = await create()
    const row = await rowOf(id)
    const patch = { config: { url: server.origin, password: 'once-planted-openly' }, settingsEncrypted: null }
    await repositories.connections.update(row, { at: new Date(), expectedVersion: row.version, patch })
    await connections.updateSettings(id, { url: server.origin })
    expect((await rowOf(id)).config).toEqual({ url: server.origin })
    expect(await settingsOf(id)).toMatchObject({ password: 'once-planted-openly' })
  })
})
