import { Cron as Croner } from 'croner'
import { ConnectorsError } from '../../core/domain/errors.ts'
import type { Cron } from '../../core/ports/cron.ts'

/** Cron expressions as croner reads them: five fields, or six with seconds. */
export const cronerCron: Cron = {
  nextAfter: ({ expression, timeZone }, after) => {
    try {
      // Without a function to call it only calculates. A time zone that isn't one is found out at the calculation.
      return new Croner(expression, { timezone: timeZone }).nextRun(after)
    } catch (cause) {
      throw new ConnectorsError(
        'INVALID_INPUT',
        `The cron expression ${JSON.stringify(expression)} in the time zone ${JSON.stringify(timeZone)} can't be read: ${cause instanceof Error ? cause.message : 'unknown reason'}`,
        { cause },
      )
    }
  },
}
