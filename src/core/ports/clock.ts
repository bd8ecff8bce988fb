/** Time, from outside: tests bring their own. */
export interface Clock {
  /** The current instant. */
  readonly now: () => Date
  /** Runs `task` once after `ms` milliseconds; call the answer to cancel. */
  readonly schedule: (ms: number, task: () => void) => () => void
}
