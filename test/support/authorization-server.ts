import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'
import { onTestFinished } from 'vitest'

/** What the application is called at the authorization server of tests; the secret has what has to be encoded. */
export const testApp = { clientId: 'app:1', clientSecret: 'secret-of-the-app/+%&=' } as const

/** Where the browser comes back to. Nobody answers there: tests hand the address to the library. */
export const testBaseUrl = 'https://app.test/oauth'

/** A person in front of a browser with cookies. */
export interface Person {
  /**
   * Opens a consent page and does what is asked.
   *
   * @param answer - the account to sign in with, or `null` to say no.
   * @returns the address at which the browser leaves the authorization server.
   */
  readonly visit: (url: string, answer: string | null) => Promise<string>
}

/** A real authorization server: PKCE is required, refresh tokens rotate, and one that is used twice ends its grant. */
export interface AuthorizationServer {
  /** Its issuer; the endpoints are `/auth`, `/token` and `/me`. */
  readonly origin: string
  /** Every path that was asked for, by method, e.g. `POST /token`. */
  readonly requests: readonly string[]
  /** Codes and refresh tokens that were used a second time, or otherwise refused at the token endpoint. */
  readonly refusals: readonly string[]
  readonly person: () => Person
}

/** Starts it; stopped when the test ends. */
export async function startAuthorizationServer(): Promise<AuthorizationServer> {
  const requests: string[] = []
  const refusals: string[] = []
  let answers: (string | null)[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url?.split('?')[0]}`)
    if (request.url?.startsWith('/interaction/') !== true) return handle(request, response)
    answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(() => resolve()))
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const provider = new Provider(origin, {
    clients: [
      {
        client_id: testApp.clientId,
        client_secret: testApp.clientSecret,
        redirect_uris: [`${testBaseUrl}/callback/notebook`, 'http://localhost:3000/back'],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_basic',
        // Lets a redirect to http on this machine through.
        application_type: 'native',
      },
    ],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: () => true,
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context: unknown, { uid }: { readonly uid: string }) => `/interaction/${uid}` },
    cookies: { keys: ['of the tests'] },
    findAccount: (_context: unknown, accountId: string) => ({
      accountId,
      claims: () => ({ sub: accountId, name: `Notes of ${accountId}` }),
    }),
    claims: { openid: ['sub', 'name'] },
  })
  provider.on('grant.error', (_context: never, error: { readonly error: string }) => void refusals.push(error.error))
  const handle = provider.callback()

  async function answer(...exchange: Parameters<typeof handle>): Promise<void> {
    const [who] = answers
    const { prompt, params, session } = await provider.interactionDetails(...exchange)
    if (who === null || who === undefined) {
      const no = { error: 'access_denied', error_description: 'the person said no' }
      return provider.interactionFinished(...exchange, no, { mergeWithLastSubmission: false })
    }
    if (prompt.name === 'login') {
      const result = { login: { accountId: who, remember: false } }
      return provider.interactionFinished(...exchange, result, { mergeWithLastSubmission: false })
    }
    const grant = new provider.Grant({ accountId: session?.accountId ?? who, clientId: params.client_id })
    grant.addOIDCScope(params.scope)
    const result = { consent: { grantId: await grant.save() } }
    return provider.interactionFinished(...exchange, result, { mergeWithLastSubmission: true })
  }

  return {
    origin,
    requests,
    refusals,
    person: () => ({
      visit: async (url, who) => {
        answers = [who]
        return browse(url, origin)
      },
    }),
  }
}

/** Follows redirects with cookies, as long as they stay at the origin. */
async function browse(url: string, origin: string): Promise<string> {
  const cookies = new Map<string, string>()
  for (let at = url, hops = 0; hops < 20; hops += 1) {
    const response = await fetch(at, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') },
    })
    await response.arrayBuffer()
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/s)
      cookies.set(name, value)
    }
    const location = response.headers.get('location')
    if (location === null) throw new Error(`The authorization server answered ${response.status} at ${at}.`)
    at = new URL(location, at).href
    if (!at.startsWith(`${origin}/`)) return at
  }
  throw new Error('The authorization server redirects in circles.')
}
