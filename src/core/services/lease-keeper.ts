import { isConnectorsError } from '../domain/errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'

/** Keeps a lease alive while slow work goes on, outside of any transaction. */
export interface LeaseKeeper {
  /** Aborted when the lease was lost. */
  readonly lost: AbortSignal
  /** Renews the lease from time to time until the work is done. */
  readonly during: <R>(work: () => Promise<R>) => Promise<R>
  /** Makes sure that the lease lasts at least this many milliseconds from now. */
  readonly ensure: (ms: number) => Promise<void>
  /** Says that the lease was renewed by other means: at this instant or later, for at least this many milliseconds. */
  readonly renewed: (at: Date, ms: number) => void
}

/** A keeper of a lease of `leaseMs`, renewed as soon as less than two thirds of that are left. */
export function createLeaseKeeper({
  acquiredAt,
  leaseMs,
  renew,
  clock,
  logger,
}: {
  readonly acquiredAt: Date
  readonly leaseMs: number
  /** Throws `LEASE_LOST` when someone else has the lease. */
  readonly renew: (at: Date, leaseMs: number) => Promise<void>
  readonly clock: Clock
  readonly logger: Logger
}): LeaseKeeper {
  const controller = new AbortController()
  let expiresAt = acquiredAt.getTime() + leaseMs

  const extend = async (ms: number) => {
    const at = clock.now()
    await renew(at, ms)
    expiresAt = at.getTime() + ms
  }

  return {
    lost: controller.signal,
    renewed: (at, ms) => {
      expiresAt = at.getTime() + ms
    },
    ensure: async (ms) => {
      if (expiresAt - clock.now().getTime() < ms) await extend(Math.max(ms, leaseMs))
    },
    during: async (work) => {
      let isDone = false
      let renewal: Promise<void> = Promise.resolve()
      let cancel = () => {}
      const plan = (leastMs: number) => {
        // A transaction may have used up most of the lease before the work began.
        const spareMs = expiresAt - clock.now().getTime() - (2 / 3) * leaseMs
        cancel = clock.schedule(Math.max(leastMs, spareMs), () => {
          renewal = extend(leaseMs).catch((error: unknown) => {
            if (isConnectorsError(error, 'LEASE_LOST')) controller.abort(error)
            else logger.warn({ err: error }, 'a lease could not be renewed; it is tried again')
          })
          void renewal.then(() => {
            // The pause keeps a store that can't be reached from being asked all the time.
            if (!isDone && !controller.signal.aborted) plan(leaseMs / 10)
          })
        })
      }
      plan(0)
      try {
        return await work()
      } finally {
        isDone = true
        cancel()
        // Nothing of ours may be on its way to the database when a transaction opens next.
        await renewal
      }
    },
  }
}
