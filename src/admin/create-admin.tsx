import type { Connectors } from '../core/connectors.ts'
import type { AnyProvider } from '../core/domain/provider.ts'
import type { TenantId } from '../core/domain/tenant.ts'
import type { AdminConnectors } from './admin-connectors.ts'
import { type AdminOptions, type ResolvedAdminOptions, resolveAdminOptions } from './admin-options.ts'
import { createConsole } from './console.tsx'

export type { AdminOptions } from './admin-options.ts'
export type { Authorize, Operator, OperatorLevel } from './operator.ts'

/**
 * The admin console as one handler of requests, to be mounted under `basePath` in any application. Server-rendered, works
 * without JavaScript, never shows a secret. Never rejects.
 *
 * @example
 * const admin = createAdmin(connectors, {
 *   authorize: async (request) => {
 *     const user = await sessionOf(request)
 *     return user?.isStaff ? { actor: user.email, tenants: 'all', level: 'manage' } : null
 *   },
 * })
 *
 * @throws {ConnectorsError} `INVALID_OPTIONS`, above all without `authorize`.
 */
export function createAdmin<P extends AnyProvider, T extends TenantId, Tx>(
  connectors: Pick<Connectors<P, T, Tx>, 'forTenant' | 'operator' | 'providers' | 'enqueue'>,
  options: AdminOptions<T>,
): (request: Request) => Promise<Response> {
  // The console knows providers and tenant ids at run time only; ids it got from these connectors are what they take.
  const resolved: ResolvedAdminOptions = resolveAdminOptions(options as unknown as AdminOptions)
  return createConsole(connectors as unknown as AdminConnectors, resolved)
}
