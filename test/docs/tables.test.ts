import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ConnectorsError, errorCodes } from '../../src/core/domain/errors.ts'
import { resolveOptions } from '../../src/core/options.ts'
import { readRunOptions } from '../../src/core/services/read-run-options.ts'
import { signatures } from '../../src/providers/kit/signatures.ts'
import { shop } from '../support/shop-provider.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

/** The cells of a page's table, row by row. */
const rowsOf = (page: string) =>
  [...read(page).matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)].map(([, name = '', rest = '']) => ({
    name,
    cells: rest.split(' | '),
  }))

test('the page of errors lists every code, and says rightly whether it is retryable', () => {
  const documented = rowsOf('docs/errors.md').map(({ name, cells }) => [name, cells[0]])
  expect(documented).toEqual(errorCodes.map((code) => [code, new ConnectorsError(code, '').retryable ? 'yes' : 'no']))
})

test('the page of events lists every event', () => {
  const declared = [...read('src/core/domain/events.ts').matchAll(/^ {2}readonly '([a-zA-Z.]+)':/gm)].map(
    ([, name]) => name,
  )
  expect(rowsOf('docs/events.md').map(({ name }) => name)).toEqual(declared)
})

test('the page of webhooks lists every signature that is there already, and every kind of scheme', () => {
  const kinds = ['hmac', 'public-key', 'standard-webhooks', 'token', 'custom', 'unsigned']
  expect(rowsOf('docs/webhooks.md').map(({ name }) => name)).toEqual([...Object.keys(signatures), ...kinds])
})

test('the page of options lists every option with its default', () => {
  const key = Buffer.alloc(32).toString('base64')
  const resolved = resolveOptions({ providers: [shop], encryption: { keys: [{ id: 'k', key }] } })
  const flat = (value: object, path = ''): [string, string][] =>
    Object.entries(value).flatMap(([name, option]) =>
      typeof option === 'object' && Object.keys(option).length > 0
        ? flat(option, `${path}${name}.`)
        : [[`${path}${name}`, typeof option === 'object' ? JSON.stringify(option) : String(option)]],
    )
  const { providers: _providers, encryption: _encryption, ...withDefaults } = resolved
  const rows = rowsOf('docs/options.md').map(({ name, cells }) => [name, cells[0]?.replaceAll('`', '')])
  const documented = rows.filter(([, fallback]) => fallback !== 'none')
  expect(rows.filter((row) => !documented.includes(row)).map(([name]) => name)).toEqual([
    'encryption.source',
    'webhooks.baseUrl',
    'oauth.baseUrl',
  ])
  expect(documented.slice(2, -5)).toEqual(flat(withDefaults))
  expect(documented.filter(([, fallback]) => fallback === 'required').map(([name]) => name)).toEqual([
    'providers',
    'encryption.keys',
  ])
  expect(documented.slice(-5).map(([name]) => name)).toEqual(['logger', 'clock', 'ids', 'queue', 'rateLimitStore'])
})

const capabilities = [
  ...['connections', 'credentials', 'oauth', 'sync', 'webhooks', 'jobs'],
  ...['pauses', 'rate-limits', 'audit-log', 'catalog'],
]

/** The names in a row of the table with which the page of a capability ends. */
const namedBy = (capability: string, row: 'options' | 'events' | 'errors') => {
  const [, table = ''] = read(`docs/${capability}.md`).split('\n## Options, events, errors\n')
  const [, cell = ''] = new RegExp(`^\\| \\[${row}\\]\\(${row}\\.md\\) \\| (.*) \\|$`, 'm').exec(table) ?? []
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)
}

test.each(['options', 'events', 'errors'] as const)('the pages of capabilities name %s that there are', (row) => {
  const known = rowsOf(`docs/${row}.md`).map(({ name }) => name)
  const named = capabilities.flatMap((capability) => namedBy(capability, row))
  expect(named.filter((name) => !known.includes(name))).toEqual([])
  // What belongs to no capability, or to all of them.
  const general = [
    'logger',
    'clock',
    'ids',
    'INVALID_OPTIONS',
    'INVALID_TENANT_ID',
    'CLOSED',
    'CONFLICT',
    'STORE_FAILED',
  ]
  expect(known.filter((name) => !named.includes(name) && !general.includes(name))).toEqual([])
})

test('the page of syncs lists every option of a call', () => {
  const unknown = 'its keys are in the message'
  let message = ''
  try {
    readRunOptions({ [unknown]: true })
  } catch (error) {
    message = String(error)
  }
  const options = message.replace(/^.*it may have: |\.$/g, '').split(', ')
  expect(options).toContain('maxPages')
  const [, table = ''] = read('docs/sync.md').split('## Options of a call')
  const documented = [...(table.split('##')[0] ?? '').matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)
  expect(documented.toSorted()).toEqual(options.toSorted())
})
