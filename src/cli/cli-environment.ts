/** What the commands need from the process they run in. */
export interface CliEnvironment {
  /** The folder the command was called in; all paths are relative to it. */
  readonly cwd: string
  /** Writes to standard output, as it is. */
  readonly write: (text: string) => void
  /** Writes to standard error, as it is. */
  readonly complain: (text: string) => void
  /** Asks the user and waits for a line; `null` where nobody sits at the other end. */
  readonly ask: ((question: string) => Promise<string>) | null
  readonly now: () => Date
  readonly randomBytes: (size: number) => Uint8Array
  /** Columns of the terminal that standard error goes to; `null` = it goes elsewhere. */
  readonly columns: () => number | null
  /** Calls a listener when the user wants the command to stop, once; answers a function that takes it back. */
  readonly onInterrupt: (listener: () => void) => () => void
  /** Sets the variables of an `.env` file that aren't set yet. Throws what reading it throws. */
  readonly loadEnvFile: (path: string) => void
}
