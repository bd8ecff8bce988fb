/** Runs a task once after some milliseconds; call the answer to cancel. */
export type Timer = (ms: number, task: () => void) => () => void
