import { AsyncLocalStorage } from 'node:async_hooks'
import { memoryConnections } from '../../src/adapters/memory/memory-connections.ts'
import { type MemoryRepositories, memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { atomically, type MemoryState, memoryState, mergeState } from '../../src/adapters/memory/memory-state.ts'

/**
 * A memory store whose transactions nest: an inner one rolls back alone. Only its connections take part.
 *
 * @param layer the state that a transaction inside of another one works on
 */
export function savepointRepositories(
  layer: (outer: MemoryState<string>) => MemoryState<string> = memoryState,
): MemoryRepositories {
  const root = memoryState<string>()
  const current = new AsyncLocalStorage<MemoryState<string>>()
  const set = (state: MemoryState<string>) => ({
    ...memoryRepositories(),
    connections: memoryConnections<string>(async (step) => atomically(state, step)),
  })
  return {
    ...set(root),
    transaction: async (work) => {
      const outer = current.getStore()
      const state = outer === undefined ? memoryState(root) : layer(outer)
      const tx = { table: () => new Map() }
      const result = await current.run(state, () => work({ repositories: set(state), tx }))
      if (state !== outer) mergeState(state)
      return result
    },
  }
}
