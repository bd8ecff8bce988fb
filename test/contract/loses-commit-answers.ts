import type { MemoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { ConnectorsError } from '../../src/core/domain/errors.ts'

/** The memory store as it were behind a network: its transactions commit, and nobody hears of it. */
export function losesCommitAnswers(store: MemoryRepositories): MemoryRepositories {
  return {
    ...store,
    transaction: async (work, limits) => {
      await store.transaction(work, limits)
      throw new ConnectorsError('STORE_UNAVAILABLE', 'The connection was lost.')
    },
  }
}
