/** An option of a command, without its name. */
export interface CommandOption {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  /** What stands for the value in the help, e.g. `<id>`. */
  readonly value?: string
  /** What it does and its default, for people. */
  readonly help: string
}

/** Options by name. */
export type Options = Readonly<Record<string, CommandOption>>

/** What is told about a command. */
export interface CommandManual {
  /** One word or two: `doctor`, `sync run`. */
  readonly name: string
  /** A line about it. */
  readonly summary: string
  /** What has to be given besides options, in order; what is in brackets needn't be. */
  readonly operands: readonly string[]
  readonly options: Options
  /** What else to know, for its help. */
  readonly notes?: string
}

/** What every command takes. */
export const generalOptions = {
  help: { type: 'boolean', short: 'h', help: 'show this' },
  version: { type: 'boolean', short: 'v', help: 'show the version' },
} as const satisfies Options
