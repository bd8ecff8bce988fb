import { createServer } from 'node:http'
import type { Connectors } from 'bapp-connectors'
import { createAdmin } from 'bapp-connectors/admin'
import { toNodeHandler } from 'bapp-connectors/http'

/** What your application knows of whoever sends a request. */
interface User {
  readonly email: string
  readonly isStaff: boolean
  /** The companies that somebody of support looks after. */
  readonly companyIds: readonly string[]
}

export function mountAdmin(connectors: Connectors, sessionOf: (request: Request) => Promise<User | null>) {
  const admin = createAdmin(connectors, {
    basePath: '/admin',
    authorize: async (request) => {
      const user = await sessionOf(request)
      if (user === null) return new Response(null, { status: 302, headers: { location: '/login' } })
      if (user.isStaff) return { actor: user.email, tenants: 'all', level: 'manage' }
      return { actor: user.email, tenants: user.companyIds, level: 'operate' }
    },
    onError: (error) => console.error(error),
  })
  return createServer(toNodeHandler(admin))
}
