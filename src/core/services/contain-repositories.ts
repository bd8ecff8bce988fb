import { ConnectorsError, isConnectorsError } from '../domain/errors.ts'
import type { TenantId } from '../domain/tenant.ts'
import type { Repositories, RepositorySet } from '../ports/repositories.ts'

/**
 * Repositories whose failures are all ours. The port demands it of a store; this makes it so for one that forgets:
 * whatever isn't a `ConnectorsError` becomes `STORE_FAILED`, with the original as its cause. The one place where that is done.
 *
 * What the work of a transaction throws comes out of it as it is. And inside, the store still gets its own errors back as
 * they were: it has to recognise those after which the work is run again.
 */
export function containRepositories<T extends TenantId, Tx>(repositories: Repositories<T, Tx>): Repositories<T, Tx> {
  return {
    ...containSet(repositories, contain),
    transaction: async (work, limits) => {
      let thrown: { readonly seen: unknown; readonly passedOn: unknown } | null = null
      try {
        return await repositories.transaction(async ({ repositories: bound, tx }) => {
          thrown = null
          const originals = new Map<unknown, unknown>()
          const remember: Contain = (error, where) => {
            const contained = contain(error, where)
            if (contained !== error) originals.set(contained, error)
            return contained
          }
          try {
            return await work({ repositories: containSet(bound, remember), tx })
          } catch (seen) {
            thrown = { seen, passedOn: originals.has(seen) ? originals.get(seen) : seen }
            throw thrown.passedOn
          }
        }, limits)
      } catch (error) {
        // Assigned in a callback, which the compiler doesn't follow.
        const left = thrown as { readonly seen: unknown; readonly passedOn: unknown } | null
        throw left !== null && left.passedOn === error ? left.seen : contain(error, 'transaction')
      }
    },
  }
}

type Contain = (error: unknown, where: string) => unknown

/** The message keeps to itself what the store said: it may quote values. */
const contain: Contain = (error, where) =>
  isConnectorsError(error)
    ? error
    : new ConnectorsError('STORE_FAILED', `The store failed at ${where}; the cause of this error says how.`, {
        cause: error,
      })

function containSet<T extends TenantId>(set: RepositorySet<T>, containError: Contain): RepositorySet<T> {
  const containPart = <P extends object>(name: string, part: P): P =>
    // An empty target, not the part: that may be frozen, and its verbs may be on a prototype. Every verb keeps its signature.
    new Proxy({} as P, {
      get: (_target, verb) => {
        const run: unknown = Reflect.get(part, verb)
        if (typeof run !== 'function') return run
        return async (...args: readonly unknown[]) => {
          try {
            return await Reflect.apply(run, part, args)
          } catch (error) {
            throw containError(error, `${name}.${String(verb)}`)
          }
        }
      },
    })
  return {
    connections: containPart('connections', set.connections),
    syncStates: containPart('syncStates', set.syncStates),
    webhookEvents: containPart('webhookEvents', set.webhookEvents),
    executionLogs: containPart('executionLogs', set.executionLogs),
    oauthStates: containPart('oauthStates', set.oauthStates),
  }
}
