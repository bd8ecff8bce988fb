import type { TenantId } from '../domain/tenant.ts'
import type { Clock } from '../ports/clock.ts'
import type { OAuthStateRepository } from '../ports/oauth-state-repository.ts'

const batchSize = 1_000

/** Removes authorizations that were begun and never ended, in small batches. */
export function createOAuthPrune<T extends TenantId>(
  oauthStates: OAuthStateRepository<T>,
  clock: Clock,
): () => Promise<{ readonly removedCount: number }> {
  return async () => {
    const expiredBefore = clock.now()
    for (let removedCount = 0; ; ) {
      const count = await oauthStates.prune({ expiredBefore, limit: batchSize })
      removedCount += count
      if (count < batchSize) return { removedCount }
    }
  }
}
