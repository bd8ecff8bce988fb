/** What ends a command with a message instead of a stack trace. */
export class CliError extends Error {
  override readonly name = 'CliError'
  /** 1: the command was understood and refused; 2: the command line is wrong. */
  readonly exitCode: 1 | 2

  constructor(exitCode: 1 | 2, message: string) {
    super(message)
    this.exitCode = exitCode
  }
}

/** The command was understood and can't be done; the message says why and what to do. Exit code 1. */
export const refusal = (message: string) => new CliError(1, message)

/** The command line itself is wrong. Exit code 2. */
export const misuse = (message: string) => new CliError(2, message)
