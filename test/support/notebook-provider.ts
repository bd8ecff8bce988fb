import { z } from 'zod'
import type { OAuthCallbackAnswer, OAuthServer, TokenQuirks } from '../../src/core/domain/oauth.ts'
import { bearer, defineProvider, field } from '../../src/providers/kit/index.ts'

/** A provider whose accounts are connected on a consent page: notebooks, which tell whose they are at `/me`. */
export function notebookAt(
  origin: string,
  {
    server = { authorizationUrl: `${origin}/auth`, tokenUrl: `${origin}/token`, issuer: origin },
    quirks = {},
    allowMultiple = true,
    checkCallback,
  }: {
    readonly server?: OAuthServer
    readonly quirks?: TokenQuirks
    readonly allowMultiple?: boolean
    readonly checkCallback?: (answer: OAuthCallbackAnswer<{ readonly region: string }>) => boolean
  } = {},
) {
  return defineProvider({
    family: 'notes',
    name: 'notebook',
    label: 'Notebook',
    allowMultiple,
    credentials: z.object({
      accessToken: field(z.string(), { label: 'Token', secret: true }),
      refreshToken: field(z.string().optional(), { label: 'Refresh token', secret: true }),
      expiresAt: field(z.iso.datetime().optional(), { label: 'Expiry', secret: false }),
    }),
    settings: z.strictObject({
      region: z.enum(['eu', 'us']),
      host: z.url().default(origin),
    }),
    http: { baseUrl: ({ host }) => host, auth: ({ accessToken }) => bearer(accessToken) },
    adapter: ({ http }) => ({
      async whoAmI(): Promise<{ readonly sub: string; readonly name?: string | undefined }> {
        return (await http.get('/me')).read(z.object({ sub: z.string(), name: z.string().optional() }))
      },
      async takeTwoNotes(): Promise<number> {
        await http.post('/notes', { json: { text: 'first' } })
        await http.post('/notes', { json: { text: 'second' } })
        return 2
      },
    }),
    test: (adapter) => adapter.whoAmI(),
    oauth: {
      server: () => server,
      scopes: ['openid', 'offline_access'],
      authorizeParameters: { prompt: 'consent' },
      quirks,
      fixedSettings: ['host'],
      ...(checkCallback && { checkCallback }),
      credentials: ({ accessToken, refreshToken, expiresAt }) => ({
        accessToken,
        ...(refreshToken !== null && { refreshToken }),
        ...(expiresAt !== null && { expiresAt: expiresAt.toISOString() }),
      }),
      tokens: ({ refreshToken, expiresAt }) => ({
        refreshToken: refreshToken ?? null,
        expiresAt: expiresAt === undefined ? null : new Date(expiresAt),
      }),
      account: async (adapter) => {
        const { sub, name } = await adapter.whoAmI()
        return { id: sub, ...(name !== undefined && { displayName: name }) }
      },
    },
  })
}
