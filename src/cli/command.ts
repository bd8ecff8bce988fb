import { parseArgs } from 'node:util'
import type { CliEnvironment } from './cli-environment.ts'
import { misuse } from './cli-error.ts'
import { closest } from './closest.ts'
import { type CommandManual, generalOptions, type Options } from './command-manual.ts'
import { commandHelp } from './help.ts'
import { packageVersion } from './package-files.ts'

/** What was given on a command line. */
export type OptionValues<O extends Options> = {
  readonly [Name in keyof O]?: (O[Name]['type'] extends 'boolean' ? boolean : string) | undefined
}

/** A command as the command line runs it. */
export interface Command extends CommandManual {
  /** Answers the exit code. @throws {CliError} */
  readonly run: (environment: CliEnvironment, args: readonly string[]) => Promise<number>
}

/** A command out of its manual and what it does. `perform` answers the exit code; nothing means 0. */
export function defineCommand<const O extends Options>(
  manual: Omit<CommandManual, 'options'> & { readonly options: O },
  perform: (
    environment: CliEnvironment,
    values: OptionValues<O>,
    ...operands: readonly string[]
  ) => Promise<number | undefined>,
): Command {
  return {
    ...manual,
    run: async (environment, args) => {
      const { values, positionals } = readArguments(args, { ...manual.options, ...generalOptions })
      if (values.help === true) environment.write(commandHelp(manual))
      else if (values.version === true) environment.write(`${await packageVersion()}\n`)
      else {
        checkOperands(manual, positionals)
        // parseArgs has checked that the values are of the types that the options say.
        return (await perform(environment, values as OptionValues<O>, ...positionals)) ?? 0
      }
      return 0
    },
  }
}

/** Takes a command line apart. @throws {CliError} that says what is wrong, and what may have been meant. */
export function readArguments(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: true })
  } catch (error) {
    // Node's messages about a command line are made for people.
    if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))) throw error
    const unknown = /^Unknown option '(-[^']*)'/.exec(error.message)
    if (unknown === null) throw misuse(error.message)
    const meant = closest((unknown[1] ?? '').replace(/^-+/, ''), Object.keys(options))
    throw misuse(`${unknown[0]}.${meant === null ? '' : ` Did you mean --${meant}?`}`)
  }
}

function checkOperands({ name, operands }: Pick<CommandManual, 'name' | 'operands'>, given: readonly string[]): void {
  const extra = given[operands.length]
  if (extra !== undefined) throw misuse(`${name} takes no "${extra}".`)
  const missing = operands.filter((operand, index) => !operand.startsWith('[') && given[index] === undefined)
  if (missing.length > 0) throw misuse(`${name} needs ${missing.join(' and ')}.`)
}
