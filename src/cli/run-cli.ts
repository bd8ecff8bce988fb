import { type ParseArgsConfig, parseArgs } from 'node:util'
import type { CliEnvironment } from './cli-environment.ts'
import { CliError, misuse } from './cli-error.ts'
import { dialects } from './database-of.ts'
import { init } from './init.ts'
import { keygen } from './keygen.ts'
import { packageVersion } from './package-files.ts'
import { tenantIdOptions } from './tenant-id-for.ts'
import { usage } from './usage.ts'

const general = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const

const initOptions = {
  ...general,
  schema: { type: 'string' },
  dialect: { type: 'string' },
  'tenant-model': { type: 'string' },
  'tenant-id': { type: 'string' },
  'no-relation': { type: 'boolean' },
  prefix: { type: 'string' },
  'dry-run': { type: 'boolean' },
  force: { type: 'boolean' },
} as const

const keygenOptions = { ...general, id: { type: 'string' } } as const

/**
 * Runs a command line (without `node` and the script) and answers the exit code: 0 done, 1 refused, 2 wrong usage.
 * Anything else that goes wrong, it throws.
 */
export async function runCli(args: readonly string[], environment: CliEnvironment): Promise<number> {
  try {
    await dispatch(args, environment)
    return 0
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    environment.complain(`${error.message}\n`)
    if (error.exitCode === 2) environment.complain('Try: bapp-connectors --help\n')
    return error.exitCode
  }
}

async function dispatch(args: readonly string[], environment: CliEnvironment): Promise<void> {
  const [command = '', ...rest] = args
  if (command === 'init') {
    const values = parse(rest, initOptions)
    return (await answered(values, environment)) ? undefined : runInit(values, environment)
  }
  if (command === 'keygen') {
    const values = parse(rest, keygenOptions)
    return (await answered(values, environment)) ? undefined : keygen(environment, values.id)
  }
  if (command !== '' && !command.startsWith('-')) throw misuse(`There is no command "${command}".`)
  if (!(await answered(parse(args, general), environment))) throw misuse('No command was given.')
}

/** Whether `--help` or `--version` was asked for, and is answered. */
async function answered(values: { help?: boolean; version?: boolean }, { write }: CliEnvironment): Promise<boolean> {
  if (values.help) write(usage)
  else if (values.version) write(`${await packageVersion()}\n`)
  return values.help === true || values.version === true
}

function parse<O extends NonNullable<ParseArgsConfig['options']>>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values
  } catch (error) {
    // Node's messages about a command line are made for people.
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) {
      throw misuse(error.message)
    }
    throw error
  }
}

function runInit(values: ReturnType<typeof parse<typeof initOptions>>, environment: CliEnvironment): Promise<void> {
  const { prefix, 'tenant-model': tenantModel, 'no-relation': noRelation = false } = values
  const dialect = oneOf('--dialect', dialects, values.dialect)
  const tenantId = oneOf('--tenant-id', tenantIdOptions, values['tenant-id'])
  if (prefix !== undefined && !/^([A-Za-z][A-Za-z0-9_]*)?$/.test(prefix)) {
    throw misuse('--prefix must begin with a letter and have letters, digits and underscores only.')
  }
  if (noRelation && tenantModel !== undefined) throw misuse('--no-relation and --tenant-model exclude each other.')
  const options = {
    ...(dialect === undefined ? {} : { dialect }),
    ...(tenantModel === undefined ? {} : { tenantModel }),
    ...(tenantId === undefined ? {} : { tenantId }),
    ...(prefix === undefined ? {} : { prefix }),
    hasRelation: !noRelation,
    isForced: values.force ?? false,
  }
  return init(environment, options, { schema: values.schema, isDry: values['dry-run'] ?? false })
}

function oneOf<T extends string>(flag: string, known: readonly T[], given: string | undefined): T | undefined {
  if (given === undefined) return undefined
  const found = known.find((value) => value.toLowerCase() === given.toLowerCase())
  if (found === undefined) throw misuse(`${flag} must be one of ${known.join(', ')}; it is "${given}".`)
  return found
}
