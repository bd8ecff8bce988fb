import { ConnectorsError } from '../../src/core/domain/errors.ts'
import type { TenantId } from '../../src/core/domain/tenant.ts'
import type { Repositories } from '../../src/core/ports/repositories.ts'

/** Ways in which a real store behaves now and then. Each is asked about at every transaction. */
export interface Unreliability {
  /** Whether the answer to the COMMIT gets lost, although it happened. */
  readonly losesAnswer?: () => boolean
  /** Whether the work is rolled back once and run again. */
  readonly runsAgain?: () => boolean
}

/** A store whose transactions go wrong in ways that the port allows. */
export function unreliableStore<T extends TenantId, Tx>(
  repositories: Repositories<T, Tx>,
  { losesAnswer = () => false, runsAgain = () => false }: Unreliability,
): Repositories<T, Tx> {
  const rollback = new Error('rolled back')
  return {
    ...repositories,
    transaction: async (work, limits) => {
      if (runsAgain()) {
        const refused = repositories.transaction(async (context) => {
          await work(context)
          throw rollback
        }, limits)
        await refused.catch((error: unknown) => {
          if (error !== rollback) throw error
        })
      }
      const result = await repositories.transaction(work, limits)
      if (losesAnswer()) throw new ConnectorsError('STORE_UNAVAILABLE', 'the answer to the COMMIT was lost')
      return result
    },
  }
}
