import { resolve } from 'node:path'
import type { Connectors } from '../core/connectors.ts'
import { isConnectorsError } from '../core/domain/errors.ts'
import type { CliEnvironment } from './cli-environment.ts'
import { misuse, refusal } from './cli-error.ts'
import type { CommandOption } from './command-manual.ts'
import { loadApp } from './load-app.ts'

/** The options of every command that uses the application's instance. */
export const appOptions = {
  app: {
    type: 'string',
    value: '<file>',
    help: 'the file that exports your instance, as "connectors" or default; needed',
  },
  'env-file': { type: 'string', value: '<file>', help: 'an .env file to read first, e.g. .env' },
  json: { type: 'boolean', help: 'print the result as JSON on standard output' },
} as const satisfies Record<string, CommandOption>

/** How long to wait for what the application itself has under way. */
const closeTimeoutMs = 10_000

/**
 * Works with the application's instance, and closes it.
 *
 * @throws {CliError} if it can't be loaded, and for every error of the library, with its code.
 */
export async function withApp<R>(
  environment: CliEnvironment,
  { app, 'env-file': envFile }: { readonly app?: string | undefined; readonly 'env-file'?: string | undefined },
  work: (connectors: Connectors) => Promise<R>,
): Promise<R> {
  if (envFile !== undefined) readEnvFile(environment, envFile)
  const connectors = await loadApp(environment.cwd, app)
  try {
    return await work(connectors)
  } catch (error) {
    if (isConnectorsError(error)) throw refusal(`${error.message} (${error.code})`)
    throw error
  } finally {
    await connectors.close({ timeoutMs: closeTimeoutMs })
  }
}

function readEnvFile({ cwd, loadEnvFile }: CliEnvironment, file: string): void {
  const path = resolve(cwd, file)
  try {
    loadEnvFile(path)
  } catch (error) {
    throw misuse(`--env-file names ${path}, which can't be read: ${(error as Error).message}.`)
  }
}
