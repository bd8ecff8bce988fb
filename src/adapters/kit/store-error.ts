import { ConnectorsError } from '../../core/domain/errors.ts'
import { handlerTimeout } from './handler-timeout.ts'
import { transactionGivenUp } from './refusals.ts'
import type { StoreFailure } from './store-failure.ts'

/** The error of ours for a failure of the store. Never repeats the cause's message: that quotes parameter values. */
export function storeError(failure: StoreFailure, code: string, cause: unknown): ConnectorsError {
  switch (failure) {
    case 'busy':
    case 'locked':
      return new ConnectorsError('STORE_UNAVAILABLE', `The store is busy (${code}). Try again.`, { cause })
    case 'unavailable':
      return new ConnectorsError('STORE_UNAVAILABLE', `The store can't be used right now (${code}). Try again.`, {
        cause,
      })
    case 'conflict':
      return new ConnectorsError('CONFLICT', `The store already has a row with this key (${code}).`, { cause })
    case 'expired':
      return handlerTimeout(undefined, cause)
    case 'aborted':
      return transactionGivenUp(cause)
    case 'reference':
    case 'failed':
      return new ConnectorsError('STORE_FAILED', `The store refused a statement (${code}); see the cause.`, { cause })
  }
}
