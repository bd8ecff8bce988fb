import { ConnectorsError } from '../domain/errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import { checkFields, type FieldCheck } from './check-fields.ts'
import type { TransactionGuard } from './transaction-guard.ts'

/** From start to close: every verb of the facade passes here. Verbs get what was prepared for them. */
export interface Lifecycle<Prepared = unknown> {
  /** Aborted by `close`: runs stop. */
  readonly signal: AbortSignal
  /** Runs a verb: refused when closed or inside a transaction of ours, begun when ready, waited for by `close`. */
  readonly verb: <R>(name: string, work: (prepared: Prepared) => Promise<R>) => Promise<R>
  /** Waits until verbs can run. @throws {ConnectorsError} `CLOSED`, and what `prepare` throws. */
  readonly ready: () => Promise<void>
  /** Has `close` wait for more than the verbs: for what they leave behind. */
  readonly track: <R>(name: string, work: Promise<R>) => Promise<R>
  /** Refuses new verbs and waits for those under way, at most `timeoutMs` milliseconds. @throws {ConnectorsError} `INVALID_INPUT`. */
  readonly close: (options?: { readonly timeoutMs?: number }) => Promise<void>
}

/** A lifecycle whose `prepare` runs once, at the first need; a failure is told to everyone who waits, and tried anew after. */
export function createLifecycle<Prepared>(
  guard: TransactionGuard,
  prepare: () => Promise<Prepared>,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Lifecycle<Prepared> {
  const controller = new AbortController()
  const underWay = new Set<{ readonly name: string }>()
  const whenIdle: (() => void)[] = []
  let prepared: Promise<Prepared> | null = null

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
  const begin = (name: string): (() => void) => {
    const entry = { name }
    underWay.add(entry)
    return () => {
      underWay.delete(entry)
      if (underWay.size > 0) return
      for (const resolve of whenIdle.splice(0)) resolve()
    }
  }
  const track = async <R>(name: string, work: Promise<R>): Promise<R> => {
    const end = begin(name)
    try {
      return await work
    } finally {
      end()
    }
  }

  const drain = async () => {
    // What is under way may have left more behind it.
    while (underWay.size > 0) await new Promise<void>((resolve) => whenIdle.push(resolve))
  }

  return {
    signal: controller.signal,
    ready: async () => {
      refuseClosed('connectors.ready')
      await track('connectors.ready', prepareOnce())
    },
    verb: async (name, work) => {
      guard.refuseInside(name)
      refuseClosed(name)
      const end = begin(name)
      try {
        return await work(await prepareOnce())
      } finally {
        end()
      }
    },
    track,
    close: async (options = {}) => {
      checkFields('The options of close', options, closeFields)
      // It would wait for the transaction that waits for it.
      guard.refuseInside('connectors.close')
      controller.abort()
      const { timeoutMs } = options
      if (timeoutMs === undefined) return drain()
      let cancel = () => {}
      const isInTime = await Promise.race([
        drain().then(() => true),
        new Promise<boolean>((resolve) => {
          cancel = clock.schedule(timeoutMs, () => resolve(false))
        }),
      ])
      cancel()
      if (isInTime) return
      logger.warn(
        { timeoutMs, underWay: [...new Set([...underWay].map(({ name }) => name))] },
        'close() did not wait any longer for what is under way',
      )
    },
  }
}

const closeFields = {
  timeoutMs: { is: (value) => typeof value === 'number' && value >= 0, mustBe: '0 or more milliseconds' },
} satisfies Record<string, FieldCheck>
