import { describe, expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { isConnectorsError } from '../../src/core/domain/errors.ts'
import { resolveOptions } from '../../src/core/options.ts'
import { createConnectors } from '../../src/create-connectors.ts'
import { shop } from '../support/shop-provider.ts'
import { testKey } from '../support/shop-world.ts'

const encryption = { keys: [{ id: 'k1', key: testKey() }] }
const valid = { providers: [shop], encryption }
const silent = { debug() {}, info() {}, warn() {}, error() {} }

/** What `createConnectors` says about options that no type checker has seen. */
function mistakeIn(options: unknown): string {
  try {
    createConnectors(memoryRepositories(), options as never)
  } catch (error) {
    if (isConnectorsError(error, 'INVALID_OPTIONS')) return error.message
    throw error
  }
  throw new Error('the options were accepted')
}

describe('each mistake in the options is named, with what to do about it', () => {
  const mistakes: readonly [title: string, options: unknown, says: readonly (string | RegExp)[]][] = [
    ['no options at all', undefined, [/options: .*second argument.*\{ providers: \[.*encryption/]],
    ['null in the place of options', null, [/options: .*second argument/]],
    ['no providers', { encryption }, [/providers: is missing.*defineProvider\(\)/]],
    ['an empty list of providers', { ...valid, providers: [] }, ['providers: name at least one provider']],
    [
      'a provider that is none',
      { ...valid, providers: [shop, { family: 'shop' }] },
      ['providers.1: must be made by defineProvider()'],
    ],
    ['a provider named twice', { ...valid, providers: [shop, shop] }, ['providers', 'shop.testshop twice']],
    ['no encryption', { providers: [shop] }, ['encryption: is missing', 'plain text', 'openssl rand -base64 32']],
    ['no list of keys', { ...valid, encryption: {} }, ['encryption.keys', 'is missing', 'openssl rand -base64 32']],
    ['an empty list of keys', { ...valid, encryption: { keys: [] } }, ['encryption.keys', 'openssl rand -base64 32']],
    [
      'an unknown member of encryption',
      { ...valid, encryption: { ...encryption, key: testKey() } },
      [/^(?!.*is missing).*encryption.*"key"/],
    ],
    [
      'a key of another length',
      { ...valid, encryption: { keys: [{ id: 'k1', key: Buffer.alloc(16).toString('base64') }] } },
      ['encryption.keys.0.key', '32 random bytes in base64', 'openssl rand -base64 32', 'passphrase'],
    ],
    [
      'a key that is no base64',
      { ...valid, encryption: { keys: [{ id: 'k1', key: `${'ä'.repeat(43)}=` }] } },
      ['encryption.keys.0.key', '32 random bytes'],
    ],
    [
      'a key that an unset variable left out',
      { ...valid, encryption: { keys: [{ id: 'k1', key: undefined }] } },
      ['encryption.keys.0', 'needs either key or passphrase'],
    ],
    [
      'both key and passphrase',
      { ...valid, encryption: { keys: [{ id: 'k1', key: testKey(), passphrase: 'p'.repeat(30) }] } },
      ['encryption.keys.0', 'needs either key or passphrase'],
    ],
    [
      'a short passphrase',
      { ...valid, encryption: { keys: [{ id: 'k1', passphrase: 'short' }] } },
      ['encryption.keys.0.passphrase', 'at least 20 characters'],
    ],
    [
      'a key id with a dot, which would break the envelope',
      { ...valid, encryption: { keys: [{ id: 'k.1', key: testKey() }] } },
      ['encryption.keys.0.id', 'letters, digits, dashes or underscores'],
    ],
    [
      'two keys with one id',
      { ...valid, encryption: { keys: [encryption.keys[0], { id: 'k1', key: testKey(2) }] } },
      ['encryption.keys', 'two keys with the same id'],
    ],
    [
      'an unknown option',
      { ...valid, brekaer: {} },
      [/options: unknown key "brekaer"; there are: providers, encryption, handlers, families, breaker,.*ids/],
    ],
    [
      'two unknown options',
      { ...valid, brekaer: {}, provider: [] },
      [/options: unknown keys "brekaer", "provider"; there are: providers/],
    ],
    [
      'an unknown option of a group',
      { ...valid, breaker: { treshold: 5 } },
      [/breaker: unknown key "treshold"; there are: threshold/],
    ],
    [
      'an unknown member of a key',
      { ...valid, encryption: { keys: [{ id: 'k1', key: testKey(), pass: 'x' }] } },
      [/encryption\.keys\.0: unknown key "pass"; there are: id, key, passphrase/],
    ],
    ['a threshold of zero', { ...valid, breaker: { threshold: 0 } }, ['breaker.threshold', 'at least 1']],
    ['a threshold of two and a half', { ...valid, breaker: { threshold: 2.5 } }, ['breaker.threshold', 'whole number']],
    ['a negative age', { ...valid, gateMaxAgeMs: -1 }, ['gateMaxAgeMs', '0 or more']],
    ['a lease without length', { ...valid, sync: { leaseMs: 0 } }, ['sync.leaseMs', 'at least 1 millisecond']],
    ['a time-out that is no number', { ...valid, transaction: { timeoutMs: Number.NaN } }, ['transaction.timeoutMs']],
    ['a policy for bodies that there is not', { ...valid, audit: { bodies: 'some' } }, ['audit.bodies', 'failures']],
    [
      'a base without a scheme',
      { ...valid, webhooks: { baseUrl: 'app.test/hooks' } },
      ['webhooks.baseUrl', 'https://'],
    ],
    ['a base with a query', { ...valid, webhooks: { baseUrl: 'https://app.test/hooks?a' } }, ['webhooks.baseUrl']],
    ['a base that ends in a slash', { ...valid, webhooks: { baseUrl: 'https://app.test/' } }, ['webhooks.baseUrl']],
    ['a base with a password', { ...valid, webhooks: { baseUrl: 'https://a:b@app.test/h' } }, ['webhooks.baseUrl']],
    ['a base that is no URL', { ...valid, webhooks: { baseUrl: 'https://app.test:x/h' } }, ['webhooks.baseUrl']],
    [
      'a base without a path',
      { ...valid, webhooks: { baseUrl: 'https://app.test' } },
      ['webhooks: has a baseUrl', 'path'],
    ],
    ['a path with a slash at its end', { ...valid, webhooks: { path: '/hooks/' } }, ['webhooks.path', '/webhooks']],
    [
      'a logger without a verb',
      { ...valid, logger: { debug() {}, info() {}, warn() {} } },
      ['logger: must be an object with the functions debug, info, warn, error'],
    ],
    ['a clock that is none', { ...valid, clock: Date }, ['clock: must be an object with the functions now, schedule']],
    ['ids that are none', { ...valid, ids: {} }, ['ids: must be an object with the functions next']],
    [
      'a handler of an unknown resource',
      { ...valid, handlers: { 'shop.order': async () => {} } },
      ['handlers', '"shop.order"', 'shop.orders'],
    ],
    [
      'a handler that is none',
      { ...valid, handlers: { 'shop.orders': 'save' } },
      ['handlers["shop.orders"]', 'prepare()'],
    ],
    ['a family that no provider is of', { ...valid, families: { shops: {} } }, ['families', '"shops"', 'shop']],
    ['a colour that is none', { ...valid, families: { shop: { color: '' } } }, ['families.shop.color']],
  ]
  test.each(mistakes)('%s', (_title, options, says) => {
    const message = mistakeIn(options)
    expect(message).toMatch(/^createConnectors: /)
    for (const part of says) expect(message).toMatch(part)
  })

  test.each(['', 'https://erp.internal', '10.0.0.0/33', '10.0.0.0/', 'a b', '*'])('the open host %j', (entry) => {
    const message = mistakeIn({ ...valid, http: { allowPrivateNetwork: ['erp.internal', entry] } })
    expect(message).toContain(`http.allowPrivateNetwork.1: ${JSON.stringify(entry)} is neither a hostname`)
  })

  test.each(['erp.internal', 'ERP.internal.', 'crm', '10.1.2.3', '10.0.0.0/8', 'fd00:7::1', 'fd00::/8'])(
    'no mistake is the open host %j',
    (entry) => {
      expect(() => resolveOptions({ ...valid, http: { allowPrivateNetwork: [entry] } })).not.toThrow()
    },
  )

  test('several mistakes are told at once', () => {
    const message = mistakeIn({ ...valid, gateMaxAgeMs: -1, breaker: { threshold: 0 } })
    expect(message).toContain('gateMaxAgeMs')
    expect(message).toContain('breaker.threshold')
  })

  test('the value of a wrong key is not told', () => {
    const key = 'a-secret-that-is-not-a-key'
    expect(mistakeIn({ ...valid, encryption: { keys: [{ id: 'k1', key }] } })).not.toContain(key)
  })

  test.each([
    ['nothing', undefined],
    ['a database client', { $transaction: () => {}, connection: {} }],
  ])('%s in the place of repositories', (_title, repositories) => {
    expect(() => createConnectors(repositories as never, { ...valid, logger: silent })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringContaining('prismaRepositories') }),
    )
  })
})

test('the defaults are those that are documented', () => {
  const { providers: _providers, encryption: _encryption, ...defaults } = resolveOptions(valid)
  expect(defaults).toEqual({
    handlers: {},
    families: {},
    breaker: { threshold: 3 },
    pause: { afterFailures: 5, baseMs: 30_000, maxMs: 3_600_000, probeLeaseMs: 60_000 },
    rateLimit: { maxWaitMs: 30_000 },
    gateMaxAgeMs: 1_000,
    clockSkewMs: 10_000,
    sync: { leaseMs: 60_000, maxRejected: 100 },
    transaction: { timeoutMs: 30_000, maxWaitMs: 10_000 },
    webhooks: {
      path: '/webhooks',
      maxBodyBytes: 1_048_576,
      concurrency: 4,
      claimLeaseMs: 120_000,
      keepOrder: false,
      whileDisabled: 'process',
      maxRejectedPerDay: 100,
      apps: {},
    },
    oauth: { apps: {}, path: '/oauth', returnToOrigins: [] },
    audit: { flushMs: 1_000, maxBufferedRows: 10_000, bodies: 'failures', maxBodyLength: 8_192 },
    http: { timeoutMs: 10_000, allowPrivateNetwork: false },
  })
})

test('clock, ids and logger may be left out', async () => {
  const connectors = createConnectors(memoryRepositories<string>(), valid)
  const connection = await connectors.forTenant('acme').connections.create(shop, {
    credentials: { token: 'token-of-acme' },
    settings: { url: 'https://shop.test' },
  })
  expect(connection.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]+$/)
  expect(Math.abs(connection.createdAt.getTime() - Date.now())).toBeLessThan(60_000)
  await connectors.close()
})
