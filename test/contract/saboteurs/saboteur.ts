import type { MemoryRepositories } from '../../../src/adapters/memory/memory-repositories.ts'

/** Breaks one guarantee of good repositories, the way real adapters do. */
export interface Saboteur {
  /** The mistake, as a plain sentence. */
  readonly mistake: string
  readonly sabotage: (good: MemoryRepositories) => MemoryRepositories
  /** Ids of the cases that have to fail because of it. */
  readonly caughtBy: readonly string[]
}
