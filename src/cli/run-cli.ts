import type { CliEnvironment } from './cli-environment.ts'
import { CliError, misuse } from './cli-error.ts'
import { closest } from './closest.ts'
import { readArguments } from './command.ts'
import { generalOptions } from './command-manual.ts'
import { commands } from './commands.ts'
import { generalHelp } from './help.ts'
import { packageVersion } from './package-files.ts'

/**
 * Runs a command line (without `node` and the script) and answers the exit code: 0 done, 1 refused, not finished or
 * something found, 2 wrong usage, or nothing found where not all could be checked. Anything else that goes wrong, it throws.
 */
export async function runCli(args: readonly string[], environment: CliEnvironment): Promise<number> {
  const command = commands.find(({ name }) => name === args.slice(0, wordsOf(name).length).join(' '))
  try {
    if (command !== undefined) return await command.run(environment, args.slice(wordsOf(command.name).length))
    await answerGenerally(args, environment)
    return 0
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    environment.complain(`${error.message}\n`)
    const asked = ['bapp-connectors', command?.name, '--help'].filter((word) => word !== undefined)
    if (error.exitCode === 2) environment.complain(`Try: ${asked.join(' ')}\n`)
    return error.exitCode
  }
}

const wordsOf = (name: string) => name.split(' ')

/** What is said without a command, or with one that there is not. */
async function answerGenerally(args: readonly string[], { write }: CliEnvironment): Promise<void> {
  const [first = ''] = args
  if (first !== '' && !first.startsWith('-')) throw unknownCommand(args)
  const { values } = readArguments(args, generalOptions)
  if (values.help === true) return write(generalHelp(commands))
  if (values.version === true) return write(`${await packageVersion()}\n`)
  throw misuse('No command was given.')
}

function unknownCommand(args: readonly string[]): CliError {
  const words = args.filter((word) => !word.startsWith('-'))
  const [first = ''] = words
  const names = commands.map(({ name }) => name)
  const group = names.filter((name) => wordsOf(name)[0] === first)
  if (group.length > 0) return misuse(`${first} is one of: ${group.join(', ')}.`)
  const meant = closest(words.slice(0, 2).join(' '), names) ?? closest(first, names)
  return misuse(`There is no command "${first}".${meant === null ? '' : ` Did you mean ${meant}?`}`)
}
