import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { resolveOptions } from '../../src/core/options.ts'
import { createOAuthApps } from '../../src/core/services/oauth-apps.ts'
import { createProviderRegistry } from '../../src/core/services/provider-registry.ts'
import { notebookAt } from '../support/notebook-provider.ts'
import { shop } from '../support/shop-provider.ts'

const notebook = notebookAt('https://notebook.test')
const key = Buffer.alloc(32).toString('base64')
const registry = createProviderRegistry([notebook, shop])
const apps = (given: unknown) => {
  const resolved = resolveOptions({
    providers: [notebook, shop],
    encryption: { keys: [{ id: 'k', key }] },
    oauth: { apps: given },
  })
  return createOAuthApps(resolved.oauth.apps, registry)
}
const app = { clientId: 'app-1', clientSecret: 'very-secret' }

test.each([
  ['a provider that is not there', { noteboook: app }, /noteboook/],
  ['a provider without OAuth', { testshop: app }, /declares no OAuth/],
  ['two for one provider', { notebook: app, 'notes.notebook': app }, /two/],
  ['one without its secret', { notebook: { clientId: 'app-1' } }, /clientSecret is missing/],
  ['a secret with white space', { notebook: { ...app, clientSecret: 'very-secret \n' } }, /clientSecret/],
  ['a misspelled key', { notebook: { ...app, clientSecet: 'x' } }, /clientSecet/],
])('applications are checked when the library is made: %s', (_what, given, message) => {
  expect(() => apps(given)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringMatching(message) }),
  )
  expect(() => apps(given)).not.toThrow(/very-secret/)
})

test('an application prints without its secret', async () => {
  const parts = await apps({ notebook: app }).of(notebook, { region: 'eu' })
  expect(parts.app.clientSecret).toBe('very-secret')
  expect(inspect(parts, { depth: 9 }) + JSON.stringify(parts)).not.toContain('very-secret')
})

test('a tenant can not choose a setting that leads to the authorization server: its owner or its default decides', async () => {
  const given = { region: 'eu', host: 'https://evil.test' }
  expect((await apps({ notebook: app }).of(notebook, given)).settings).toEqual({ region: 'eu' })
  const own = { ...app, settings: { host: 'https://own.test' } }
  expect((await apps({ notebook: own }).of(notebook, given)).settings).toEqual({
    region: 'eu',
    host: 'https://own.test',
  })
})

test('settings that do not fit, and providers without an application, are refused', async () => {
  await expect(apps({ notebook: app }).of(notebook, { region: 'moon' })).rejects.toMatchObject({
    code: 'INVALID_SETTINGS',
  })
  await expect(apps({}).of(notebook, { region: 'eu' })).rejects.toMatchObject({ code: 'OAUTH_UNSUPPORTED' })
  await expect(apps({}).of(shop, {})).rejects.toMatchObject({ code: 'OAUTH_UNSUPPORTED' })
})

test('only providers with an application count as connectable on a consent page', () => {
  expect(apps({ notebook: app }).has(notebook)).toBe(true)
  expect(apps({}).has(notebook)).toBe(false)
})
