import type { SyncStateRepository } from '../../../src/core/ports/sync-state-repository.ts'
import type { Saboteur } from './saboteur.ts'

/** A store whose sync states have one mistake. */
export function syncStateSaboteur(
  mistake: string,
  caughtBy: readonly string[],
  change: (good: SyncStateRepository<string>) => Partial<SyncStateRepository<string>>,
): Saboteur {
  return {
    mistake,
    caughtBy,
    sabotage: (good) => ({ ...good, syncStates: { ...good.syncStates, ...change(good.syncStates) } }),
  }
}
