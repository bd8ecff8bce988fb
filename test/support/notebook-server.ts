import { startFakeProvider } from '../../src/testing/fake-provider.ts'
import { fakeResponse, fakeRoutes } from '../../src/testing/fake-routes.ts'

/** The application that is registered at the server. */
export const notebookApp = { clientId: 'our-app', clientSecret: 'secret-of-our-app' }

interface Grant {
  accessToken: string
  refreshToken: string
  readonly spent: Set<string>
  isRevoked: boolean
  decidedCount: number
}

/** Notebooks behind an authorization server that rotates refresh tokens, and revokes a grant whose old one comes again. */
export async function startNotebookServer({ expiresIn = 3_600 }: { readonly expiresIn?: number } = {}) {
  const grants = new Map<string, Grant>()
  let tokenCount = 0
  let reuseCount = 0
  const refreshes: string[] = []
  const world = {
    /** Called when a token request arrives, and awaited before it is looked at; `lost`: it never is. */
    beforeToken: async (_refreshToken: string): Promise<unknown> => undefined,
    /** Called when the answer to a token request is decided, before it goes out. */
    beforeAnswer: async (_refreshToken: string): Promise<unknown> => undefined,
    /** Called when a second note of a call arrives, before it is looked at. */
    beforeSecondNote: async (): Promise<unknown> => undefined,
    /** Whether refresh answers hold a new refresh token. */
    rotates: true,
  }
  const issue = (grant: Grant) => {
    tokenCount += 1
    grant.accessToken = `access-token-${tokenCount}`
    if (world.rotates) grant.refreshToken = `refresh-token-${tokenCount}`
  }
  const refused = fakeResponse(401, { message: 'the token is not good' })
  const ownerOf = (authorization: string | undefined): string | null => {
    for (const [name, { accessToken, isRevoked }] of grants) {
      if (!isRevoked && authorization === `Bearer ${accessToken}`) return name
    }
    return null
  }
  const server = await startFakeProvider(
    fakeRoutes({
      'POST /token': async ({ body, headers }) => {
        const asked = new URLSearchParams(body)
        const given = asked.get('refresh_token') ?? ''
        if ((await world.beforeToken(given)) === 'lost') return fakeResponse(503)
        const basic = Buffer.from(headers.authorization?.slice('Basic '.length) ?? '', 'base64').toString()
        const [clientId, clientSecret] = basic.split(':').map(decodeURIComponent)
        if (clientId !== notebookApp.clientId || clientSecret !== notebookApp.clientSecret)
          return fakeResponse(401, { error: 'invalid_client' })
        const grant = [...grants.values()].find(({ refreshToken, spent }) => refreshToken === given || spent.has(given))
        if (grant !== undefined) grant.decidedCount += 1
        if (grant?.spent.has(given) === true) {
          reuseCount += 1
          grant.isRevoked = true
        }
        if (grant === undefined || grant.isRevoked) return fakeResponse(400, { error: 'invalid_grant' })
        refreshes.push(given)
        if (world.rotates) grant.spent.add(given)
        issue(grant)
        const answer = {
          access_token: grant.accessToken,
          token_type: 'bearer',
          expires_in: expiresIn,
          ...(world.rotates && { refresh_token: grant.refreshToken }),
        }
        await world.beforeAnswer(given)
        return answer
      },
      'GET /me': ({ headers }) => {
        const name = ownerOf(headers.authorization)
        return name === null ? refused : { sub: name }
      },
      'POST /notes': async ({ headers, body }) => {
        if (body.includes('second')) await world.beforeSecondNote()
        return ownerOf(headers.authorization) === null ? refused : { kept: true }
      },
    }),
  )
  return Object.assign(world, {
    ...server,
    /** Begins a grant; what it answers is what was typed in or got by consent. */
    grant: (name: string) => {
      const grant: Grant = { accessToken: '', refreshToken: '', spent: new Set(), isRevoked: false, decidedCount: 0 }
      issue(grant)
      grants.set(name, grant)
      return { accessToken: grant.accessToken, refreshToken: grant.refreshToken }
    },
    /** Makes the access token of a grant worthless, before its time; the refresh token stays good. */
    forgetAccessToken: (name: string) => {
      const grant = grants.get(name)
      if (grant !== undefined) grant.accessToken = 'none'
    },
    revoke: (name: string) => {
      const grant = grants.get(name)
      if (grant !== undefined) grant.isRevoked = true
    },
    /** The refresh tokens that were exchanged. */
    refreshes,
    reuseCount: () => reuseCount,
    /** Token requests for a grant that were answered, one way or the other. */
    decidedCount: (name: string) => grants.get(name)?.decidedCount ?? 0,
  })
}
