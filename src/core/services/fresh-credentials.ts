import type { Connection } from '../domain/connection.ts'
import type { TenantId } from '../domain/tenant.ts'
import type { Clock } from '../ports/clock.ts'

/** More connections than this are not remembered. */
const capacity = 10_000
const freshMs = 10_000

/**
 * Credentials that were refreshed in the last ten seconds because the old ones were refused. If these are refused too, no
 * others are asked for: a provider that refuses one kind of call would be asked for new ones at each of them.
 */
export interface FreshCredentials<T extends TenantId> {
  readonly add: (connection: Connection<T>) => void
  readonly has: (connection: Connection<T>) => boolean
}

/** Those of this process. */
export function createFreshCredentials<T extends TenantId>(clock: Clock): FreshCredentials<T> {
  const known = new Map<string, { readonly version: number; readonly since: Date }>()
  return {
    add: ({ id, credentialsVersion: version }) => {
      known.delete(id)
      known.set(id, { version, since: clock.now() })
      const oldest = known.keys().next().value
      if (known.size > capacity && oldest !== undefined) known.delete(oldest)
    },
    has: ({ id, credentialsVersion }) => {
      const entry = known.get(id)
      return entry?.version === credentialsVersion && clock.now().getTime() - entry.since.getTime() < freshMs
    },
  }
}
