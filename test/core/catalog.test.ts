import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import type { CatalogField, CatalogForm, CatalogRequest } from '../../src/core/domain/catalog.ts'
import type { AnyProvider } from '../../src/core/domain/provider.ts'
import { createConnectors } from '../../src/create-connectors.ts'
import { github } from '../../src/providers/github/github.ts'
import { bearer, defineProvider, field } from '../../src/providers/kit/index.ts'
import { stripe } from '../../src/providers/stripe/stripe.ts'
import { woocommerce } from '../../src/providers/woocommerce/woocommerce.ts'
import { shop } from '../support/shop-provider.ts'
import { testKey } from '../support/shop-world.ts'

function connectorsWith<const P extends readonly AnyProvider[]>(
  providers: P,
  families: { readonly [Family in P[number]['family']]?: { label?: string; icon?: string; color?: string } } = {},
) {
  const connectors = createConnectors(memoryRepositories<string>(), {
    providers,
    families,
    encryption: { keys: [{ id: 'test-key', key: testKey() }] },
  })
  onTestFinished(() => connectors.close())
  return connectors
}

const catalogOf = <const P extends readonly AnyProvider[]>(providers: P, request?: CatalogRequest) =>
  connectorsWith(providers).providers.catalog(request)

/** A provider with these forms; the rest doesn't matter. */
function asking<C extends z.ZodType, S extends z.ZodType>(credentials: C, settings: S, family = 'storage') {
  return defineProvider({
    family,
    name: 'acme',
    label: 'Acme',
    credentials,
    settings,
    http: { baseUrl: () => 'https://provider.test', auth: () => bearer('x') },
    adapter: () => ({ async ping() {} }),
    test: (adapter) => adapter.ping(),
  })
}

function formsOf(credentials: z.ZodType, settings: z.ZodType) {
  const [family] = catalogOf([asking(credentials, settings)]).families
  const [provider] = family?.providers ?? []
  if (provider === undefined) throw new Error('the provider is not in the catalog')
  return { credentials: provider.credentials, settings: provider.settings }
}

const fieldOf = (form: CatalogForm, name: string): CatalogField | undefined =>
  form.fields.find((entry) => entry.name === name)

test('the catalog tells of each provider what a user interface shows and offers', () => {
  const [family] = catalogOf([shop]).families
  expect(family).toEqual({
    name: 'shop',
    label: 'Shop',
    icon: null,
    color: null,
    providers: [
      {
        key: 'shop.testshop',
        family: 'shop',
        name: 'testshop',
        label: 'Test shop',
        version: null,
        description: null,
        docsUrl: null,
        icon: null,
        allowMultiple: true,
        capabilities: { sync: true, webhooks: true, oauth: false, choices: true },
        methods: ['ping', 'getOrder', 'listOrders', 'listCurrencies', 'leak', 'eachOrder'],
        credentials: {
          schema: expect.objectContaining({ type: 'object', required: ['token'] }),
          fields: [expect.objectContaining({ name: 'token', label: 'Token', isSecret: true, isRequired: true })],
        },
        settings: {
          schema: expect.objectContaining({ properties: expect.objectContaining({ currency: expect.anything() }) }),
          fields: [
            expect.objectContaining({ name: 'url', isSecret: false, isRequired: true }),
            expect.objectContaining({ name: 'currency', isSecret: false, isRequired: false, hasChoices: true }),
          ],
        },
        resources: [{ name: 'orders', label: 'Orders', isIncremental: true }],
        webhooks: { eventTypes: null, signature: 'hmac' },
        rateLimit: null,
      },
    ],
  })
})

test('all shipped providers are in it with labels, forms, resources and webhooks, as plain JSON', () => {
  const catalog = catalogOf([woocommerce, github, stripe])
  expect(JSON.parse(JSON.stringify(catalog))).toEqual(catalog)
  expect(catalog.families.map(({ name, label, icon }) => [name, label, icon])).toEqual([
    ['shop', 'Online shops', 'shopping-cart'],
    ['code', 'Source code', 'git-branch'],
    ['payment', 'Payments', 'credit-card'],
  ])
  for (const { color, providers } of catalog.families) {
    expect(color).toMatch(/^#[0-9a-f]{6}$/)
    for (const provider of providers) {
      expect(provider.description).not.toBeNull()
      expect(provider.docsUrl).toMatch(/^https:/)
      expect(provider.credentials.fields.some(({ isSecret }) => isSecret)).toBe(true)
      expect(provider.resources.length).toBeGreaterThan(0)
    }
  }
  const store = catalog.families[0]?.providers[0]
  expect(store?.credentials.fields.map(({ name }) => name)).toEqual(['store_url', 'consumer_key', 'consumer_secret'])
  expect(store?.credentials.fields.map(({ isSecret }) => isSecret)).toEqual([false, true, true])
  expect(store?.webhooks).toMatchObject({ signature: 'hmac', eventTypes: expect.arrayContaining(['order.created']) })
})

test('nobody can change it, to any depth, nor the provider through it', () => {
  const catalog = catalogOf([woocommerce, stripe])
  const thawed: string[] = []
  const walk = (value: unknown, path: string) => {
    if (typeof value !== 'object' || value === null) return
    if (!Object.isFrozen(value)) thawed.push(path)
    for (const [key, part] of Object.entries(value)) walk(part, `${path}.${key}`)
  }
  walk(catalog, 'catalog')
  expect(thawed).toEqual([])
  expect(Object.isFrozen(stripe.rateLimit)).toBe(false)
})

test('one family can be asked for; one that no provider belongs to has no entry', () => {
  const names = (request?: CatalogRequest) => catalogOf([woocommerce, stripe], request).families.map(({ name }) => name)
  expect(names()).toEqual(['shop', 'payment'])
  expect(names({ family: 'payment' })).toEqual(['payment'])
  expect(names({ family: 'storage' })).toEqual([])
})

test('an option names a family anew, and the argument wins over it, word by word', () => {
  const { providers } = connectorsWith([woocommerce], { shop: { label: 'Stores', color: 'teal' } })
  expect(providers.catalog().families[0]).toMatchObject({ label: 'Stores', icon: 'shopping-cart', color: 'teal' })
  const german = providers.catalog({ families: { shop: { label: 'Läden' } } })
  expect(german.families[0]).toMatchObject({ label: 'Läden', icon: 'shopping-cart', color: 'teal' })
  expect(providers.catalog().families[0]).toMatchObject({ label: 'Stores' })
})

test('a presentation of a family that is not there, or with an unknown word, is refused', () => {
  const misspelt: object = { shops: { label: 'Shops' } }
  expect(() => connectorsWith([woocommerce], misspelt)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringMatching(/"shops".*: shop\./) }),
  )
  const british: object = { shop: { colour: 'red' } }
  expect(() => connectorsWith([woocommerce], british)).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }))
  const { providers } = connectorsWith([woocommerce])
  const requests: readonly object[] = [
    { families: misspelt },
    { families: british },
    { families: 'shop' },
    { families: null },
    { families: { shop: { label: 1 } } },
    { name: 'shop' },
  ]
  for (const request of requests) {
    expect(() => providers.catalog(request)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
  }
})

test('fields come in their order, with what the provider says of them', () => {
  const { settings } = formsOf(
    z.object({}),
    z.strictObject({
      mailHost: z.string().optional(),
      region: field(z.enum(['eu', 'us']).default('eu'), { label: 'Where', help: 'Of the data.', order: 2 }),
      'folder-name': field(z.string(), { placeholder: 'inbox', order: 1 }).optional(),
      retention: z.int().min(1),
    }),
  )
  expect(settings.fields.map(({ name, label }) => [name, label])).toEqual([
    ['folder-name', 'Folder name'],
    ['region', 'Where'],
    ['mailHost', 'Mail host'],
    ['retention', 'Retention'],
  ])
  expect(fieldOf(settings, 'region')).toMatchObject({ help: 'Of the data.', placeholder: null, isRequired: false })
  expect(fieldOf(settings, 'folder-name')).toMatchObject({ placeholder: 'inbox', isRequired: false })
  expect(fieldOf(settings, 'retention')).toMatchObject({ isRequired: true })
  expect(settings.schema).toMatchObject({
    properties: { region: { enum: ['eu', 'us'], default: 'eu', label: 'Where', order: 2 } },
    additionalProperties: false,
  })
})

test('of alternatives all fields are told, and only those that each of them needs are required', () => {
  const { credentials } = formsOf(
    z.union([
      z.object({ kind: z.literal('token'), token: field(z.string(), { label: 'Access token' }) }),
      z.object({ kind: z.literal('user'), user: field(z.string(), { secret: false }), password: z.string() }),
    ]),
    z.object({}),
  )
  expect(credentials.fields.map(({ name, isRequired }) => [name, isRequired])).toEqual([
    ['kind', true],
    ['token', false],
    ['user', false],
    ['password', false],
  ])
  expect(fieldOf(credentials, 'token')).toMatchObject({ label: 'Access token', isSecret: true })
  expect(fieldOf(credentials, 'user')).toMatchObject({ isSecret: false })
})

test('both halves of an intersection ask for their fields, and a shared schema is found by its name', () => {
  const named = z.string().meta({ id: 'CatalogTestName', label: 'Shared', placeholder: 'x' })
  const other = z.object({ b: z.string() }).meta({ id: 'CatalogTestHalf' })
  const { settings } = formsOf(z.object({}), z.intersection(z.object({ a: named }), other))
  expect(settings.fields).toMatchObject([
    { name: 'a', label: 'Shared', placeholder: 'x', isRequired: true },
    { name: 'b', label: 'B', isRequired: true },
  ])
})

const planted = 'planted-secret-default'
const shared = z.string().meta({ id: 'CatalogTestSecret' }).default(planted)
test.each([
  ['a credential', z.object({ token: z.string().default(planted) }), z.object({})],
  ['an example of a credential', z.object({ token: z.string().meta({ examples: [planted] }) }), z.object({})],
  ['all credentials together', z.object({ token: z.string() }).default({ token: planted }), z.object({})],
  ['credentials by any name', z.record(z.string(), z.string().default(planted)), z.object({})],
  ['one alternative', z.union([z.object({ a: z.string().prefault(planted) }), z.object({})]), z.object({})],
  ['a secret setting', z.object({}), z.object({ key: field(z.string(), { secret: true }).default(planted) })],
  [
    'a part of a setting with a secret in it',
    z.object({}),
    z.object({ mail: z.object({ default: field(z.string().default(planted), { secret: true }) }) }),
  ],
  ['a secret with a name of its own', z.object({}), z.object({ key: field(z.object({ shared }), { secret: true }) })],
])('nothing that %s has as default or example is told', (_what, credentials, settings) => {
  const forms = formsOf(credentials, settings)
  expect(JSON.stringify(forms)).not.toContain(planted)
})

test('the default of a credential that is declared no secret is told, and a member may be called default', () => {
  const { credentials } = formsOf(
    z.object({
      url: field(z.url().default('https://api.example'), { secret: false }),
      token: z.object({ default: z.string() }),
    }),
    z.object({}),
  )
  expect(credentials.schema).toMatchObject({
    properties: { url: { default: 'https://api.example' }, token: { properties: { default: { type: 'string' } } } },
  })
})

test('what JSON Schema cannot say may be anything, and code in the metadata is left out', () => {
  const { settings } = formsOf(
    z.object({}),
    z.object({ since: z.date().optional(), check: z.string().meta({ label: 'Check', validate: () => true }) }),
  )
  expect(settings.schema).toMatchObject({ properties: { since: {} } })
  expect((settings.schema.properties as { check: object }).check).toEqual({ label: 'Check', type: 'string' })
})

test('a recursive schema is described once', () => {
  interface Tree {
    readonly children?: readonly Tree[] | undefined
  }
  const tree: z.ZodType<Tree> = z.lazy(() => z.object({ children: z.array(tree).optional() }))
  expect(formsOf(z.object({}), tree).settings.fields.map(({ name }) => name)).toEqual(['children'])
})

test('metadata that is no JSON is named when the catalog is asked for', () => {
  const odd = asking(z.object({ token: z.string().meta({ size: 1n }) }), z.object({}))
  expect(() => catalogOf([odd])).toThrow(
    expect.objectContaining({ code: 'INVALID_PROVIDER', message: expect.stringContaining('storage/acme') }),
  )
})
