import type { ConnectorsOptions } from 'bapp-connectors'

type Clock = NonNullable<ConnectorsOptions['clock']>

/** The system's clock, put back: so that a history can be lived through before the demo begins. */
export interface DemoClock extends Clock {
  /** Goes on from this instant. */
  readonly moveTo: (at: Date) => void
}

/** A clock that shows the time, until it is moved. */
export function createDemoClock(): DemoClock {
  let aheadMs = 0
  return {
    now: () => new Date(Date.now() + aheadMs),
    schedule: (ms, task) => {
      const timer = setTimeout(task, ms)
      return () => clearTimeout(timer)
    },
    moveTo: (at) => {
      aheadMs = at.getTime() - Date.now()
    },
  }
}
