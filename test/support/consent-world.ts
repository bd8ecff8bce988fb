import { inspect } from 'node:util'
import { onTestFinished } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import type { OAuthServer } from '../../src/core/domain/oauth.ts'
import type { AuthorizeRequest } from '../../src/core/oauth-verbs.ts'
import { createConnectors } from '../../src/create-connectors.ts'
import { startAuthorizationServer, testApp, testBaseUrl } from './authorization-server.ts'
import { createFakeClock } from './fake-clock.ts'
import { notebookAt } from './notebook-provider.ts'
import { testKey } from './shop-world.ts'

type Notebook = ReturnType<typeof notebookAt>

/** The library with a notebook to connect to, at a real authorization server. */
export async function createConsentWorld({
  server,
  allowMultiple = true,
  app = testApp,
}: {
  readonly server?: (origin: string) => OAuthServer
  readonly allowMultiple?: boolean
  readonly app?: object
} = {}) {
  const authorization = await startAuthorizationServer()
  const { origin } = authorization
  const notebook = notebookAt(origin, { allowMultiple, ...(server && { server: server(origin) }) })
  const repositories = memoryRepositories<string>()
  const clock = createFakeClock(new Date())
  const lines: string[] = []
  const log = (fields: object, message: string) => void lines.push(`${message} ${inspect(fields, { depth: 9 })}`)
  const states: unknown[] = []
  const { create } = repositories.oauthStates
  const remember: typeof create = (state) => {
    states.push(state)
    return create(state)
  }
  const watched = { ...repositories, oauthStates: { ...repositories.oauthStates, create: remember } }
  const connectors = createConnectors(watched, {
    providers: [notebook],
    encryption: { keys: [{ id: 'test-key', key: testKey() }] },
    http: { allowPrivateNetwork: true },
    oauth: { baseUrl: testBaseUrl, apps: { notebook: { ...testApp, ...app } } },
    clock,
    logger: { debug: log, info: log, warn: log, error: log },
  })
  onTestFinished(() => connectors.close())
  const tenant = (tenantId: string) => connectors.forTenant(tenantId)
  return {
    authorization,
    notebook,
    repositories,
    clock,
    connectors,
    lines,
    states,
    tenant,
    begin: (request: Partial<AuthorizeRequest<Notebook>> = {}, tenantId = 'acme') =>
      tenant(tenantId).oauth.authorize({
        provider: notebook,
        actor: 'ann',
        ...(request.connectionId === undefined && { settings: { region: 'eu' } }),
        ...request,
      }),
    /** What is stored of a tenant. */
    stored: async (tenantId = 'acme') => {
      const found = []
      for await (const connection of tenant(tenantId).connections.list()) found.push(connection)
      return found
    },
    /** The browser comes back to the handler, with the cookies it has. */
    comeBack: (url: string, cookie: string | null) =>
      connectors.handler(new Request(url, cookie === null ? {} : { headers: { cookie } })),
  }
}
