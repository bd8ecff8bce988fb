import { ConnectorsError } from '../domain/errors.ts'
import type { TransactionGuard } from './transaction-guard.ts'

/** From start to close: every verb of the facade passes here. */
export interface Lifecycle {
  /** Aborted by `close`: runs stop after the page they are at. */
  readonly signal: AbortSignal
  /** Runs a verb: refused when closed or inside a transaction of ours, begun when ready, waited for by `close`. */
  readonly verb: <R>(name: string, work: () => Promise<R>) => Promise<R>
  /** Waits until verbs can run. @throws {ConnectorsError} `CLOSED`, and what `prepare` throws. */
  readonly ready: () => Promise<void>
  /** Refuses new verbs and waits for those under way. */
  readonly close: () => Promise<void>
}

/** A lifecycle whose `prepare` runs once, at the first need; a failure is told to everyone who waits, and tried anew after. */
export function createLifecycle(guard: TransactionGuard, prepare: () => Promise<void>): Lifecycle {
  const controller = new AbortController()
  const underWay = new Set<Promise<unknown>>()
  let prepared: Promise<void> | null = null

  const prepareOnce = () => {
    prepared ??= prepare().catch((error: unknown) => {
      prepared = null
      throw error
    })
    return prepared
  }
  const refuseClosed = (name: string) => {
    if (controller.signal.aborted) throw new ConnectorsError('CLOSED', `${name} was called after close().`)
  }
  const track = <R>(work: Promise<R>): Promise<R> => {
    const settled: Promise<void> = work.then(
      () => void underWay.delete(settled),
      () => void underWay.delete(settled),
    )
    underWay.add(settled)
    return work
  }

  return {
    signal: controller.signal,
    ready: async () => {
      refuseClosed('connectors.ready')
      await track(prepareOnce())
    },
    verb: async (name, work) => {
      guard.refuseInside(name)
      refuseClosed(name)
      return track(
        (async () => {
          await prepareOnce()
          return work()
        })(),
      )
    },
    close: async () => {
      // It would wait for the transaction that waits for it.
      guard.refuseInside('connectors.close')
      controller.abort()
      // What is under way may have left more behind it.
      while (underWay.size > 0) await Promise.all(underWay)
    },
  }
}
