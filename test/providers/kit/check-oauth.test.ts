import { expect, test } from 'vitest'
import { z } from 'zod'
import { bearer, defineProvider } from '../../../src/providers/kit/index.ts'

const define = (oauth: object) =>
  defineProvider({
    family: 'notes',
    name: 'notebook',
    label: 'Notebook',
    credentials: z.object({ token: z.string() }),
    settings: z.object({ region: z.string().optional() }),
    http: { baseUrl: () => 'https://notebook.test', auth: ({ token }) => bearer(token) },
    adapter: () => ({ async ping() {} }),
    test: (adapter) => adapter.ping(),
    oauth: {
      server: { authorizationUrl: 'https://notebook.test/auth', tokenUrl: 'https://notebook.test/token' },
      credentials: ({ accessToken }) => ({ token: accessToken }),
      tokens: () => ({ refreshToken: null, expiresAt: null }),
      account: async () => ({ id: '1' }),
      ...oauth,
    },
  })

test('what is left out has its default', () => {
  expect(define({}).oauth).toMatchObject({
    scopes: [],
    scopeSeparator: ' ',
    pkce: true,
    clientAuthentication: 'client_secret_basic',
    authorizeParameters: {},
    tokenParameters: {},
    quirks: {},
    fixedSettings: [],
  })
})

test.each([
  ['server', { server: { authorizationUrl: 'https://notebook.test/auth' } }],
  ['server', { server: { authorizationUrl: '/auth', tokenUrl: '/token' } }],
  ['server', { server: { issuer: 'notebook.test' } }],
  ['account', { account: undefined }],
  ['scopes', { scopes: 'read' }],
  ['scopeSeparator', { scopeSeparator: 1 }],
  ['pkce', { pkce: 'S256' }],
  ['clientAuthentication', { clientAuthentication: 'basic' }],
  ['tokenParameters', { tokenParameters: { audience: 1 } }],
  ['checkCallback', { checkCallback: true }],
  ['quirks', { quirks: { lacksTokentype: true } }],
  ['fixedSettings', { fixedSettings: ['host'] }],
  ['scope', { scope: [] }],
])('a mistake in `oauth.%s` is told where it is made', (name, mistake) => {
  expect(() => define(mistake)).toThrow(
    expect.objectContaining({ code: 'INVALID_PROVIDER', message: expect.stringContaining(`oauth.${name}`) }),
  )
})
