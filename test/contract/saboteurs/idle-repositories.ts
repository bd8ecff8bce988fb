import type { MemoryRepositories } from '../../../src/adapters/memory/memory-repositories.ts'
import { statsOfGroups } from '../../../src/core/domain/execution-stats.ts'
import type { RepositorySet } from '../../../src/core/ports/repositories.ts'

/** A store that takes everything, keeps nothing and finds nothing. */
export function idleRepositories(good: MemoryRepositories): MemoryRepositories {
  const idle = <Verbs extends object>(verbs: Verbs): Verbs =>
    Object.fromEntries(
      Object.keys(verbs).map((name) => [
        name,
        async (first: unknown) => {
          if (name === 'list') return { items: [], next: null }
          if (name === 'due') return []
          if (name === 'stats') return statsOfGroups([])
          if (name === 'prune') return 0
          if (name === 'keepRejected') return true
          if (name === 'moveDue') return false
          if (name === 'insertIfAbsent') return { isNew: false, event: first }
          return null
        },
      ]),
    ) as Verbs // same names
  const set: RepositorySet<string> = {
    connections: idle(good.connections),
    syncStates: idle(good.syncStates),
    webhookEvents: idle(good.webhookEvents),
    executionLogs: idle(good.executionLogs),
    oauthStates: idle(good.oauthStates),
  }
  return {
    ...set,
    table: () => new Map(),
    transaction: (work) => work({ repositories: set, tx: { table: () => new Map() } }),
  }
}
