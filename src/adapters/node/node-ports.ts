import type { Cron } from '../../core/ports/cron.ts'
import type { HttpTransport } from '../../core/ports/http-transport.ts'
import type { OAuthClient } from '../../core/ports/oauth-client.ts'
import type { Ids, Randomness } from '../../core/ports/randomness.ts'
import type { RateLimitStore } from '../../core/ports/rate-limit-store.ts'
import { cronerCron } from './croner-cron.ts'
import { createHttpTransport } from './http-transport.ts'
import { createOAuthClient } from './oauth-client.ts'
import { systemRandomness } from './system-randomness.ts'
import { uuidIds } from './uuid-ids.ts'

/** What the use-cases get from Node. Loaded with them: these pull in packages that configuring the library doesn't need. */
export interface NodePorts {
  readonly cron: Cron
  readonly ids: Ids
  readonly randomness: Randomness
  readonly transport: HttpTransport
  readonly closeTransport: () => Promise<void>
  readonly oauthClient: OAuthClient
  readonly rateLimitStore: RateLimitStore | null
}

/** Node's ports, and in their place those that the user brings. */
export function createNodePorts({
  http,
  ids = uuidIds,
  rateLimitStore,
}: {
  readonly http: { readonly allowPrivateNetwork: boolean | readonly string[] }
  readonly ids?: Ids | undefined
  readonly rateLimitStore?: RateLimitStore | undefined
}): NodePorts {
  const transport = createHttpTransport({ allowPrivateNetwork: http.allowPrivateNetwork })
  return {
    cron: cronerCron,
    ids,
    randomness: systemRandomness,
    transport: transport.send,
    closeTransport: transport.close,
    oauthClient: createOAuthClient(),
    rateLimitStore: rateLimitStore ?? null,
  }
}
