import { stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Connectors } from '../core/connectors.ts'
import { misuse, refusal } from './cli-error.ts'

const example = 'Write: --app ./connectors.ts, a file that exports what createConnectors answered, as "connectors".'

/**
 * Loads the application's own instance: the export `connectors` of a file, or its default export; an instance, or a
 * function that answers one (or a promise of one). A TypeScript file is loaded by the application's own tsx if it has that,
 * otherwise by Node itself, where that can.
 *
 * @throws {CliError} if there is no such file or export, if it is something else, or if loading it fails.
 */
export async function loadApp(cwd: string, app: string | undefined): Promise<Connectors> {
  if (app === undefined) throw misuse(`Where is your instance? ${example}`)
  const file = resolve(cwd, app)
  const found = await stat(file).catch(() => null)
  if (found === null) throw misuse(`--app names ${file}, which isn't there. ${example}`)
  if (!found.isFile()) throw misuse(`--app names ${file}, which is no file. ${example}`)
  const exported = exportOf(await importFile(file, app), app)
  const instance = typeof exported === 'function' ? await called(exported as () => unknown, app) : exported
  if (!isInstance(instance)) {
    const whose = typeof exported === 'function' ? 'What its function answers' : 'It'
    throw misuse(`--app ${app}: ${whose} is not what createConnectors answered, but ${kindOf(instance)}.`)
  }
  return instance
}

async function importFile(file: string, app: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    // Before the first attempt, because what Node failed to load once it never tries again.
    if (/\.[cm]?tsx?$/.test(file)) await useTsxOf(file)
    return await import(pathToFileURL(file).href)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_UNKNOWN_FILE_EXTENSION') {
      throw refusal(
        `--app ${app} is TypeScript, which this Node can't load by itself (${process.version}). Install tsx in your project ` +
          '(npm install --save-dev tsx), or name the JavaScript that it was compiled to.',
      )
    }
    throw refusal(`--app ${app} can't be loaded: ${messageOf(error)}`)
  }
}

/** Has TypeScript loaded by the tsx that the application has, if it has one: as `node --import tsx` does. */
async function useTsxOf(file: string): Promise<void> {
  let tsx: string
  try {
    tsx = createRequire(file).resolve('tsx')
  } catch {
    return
  }
  await import(pathToFileURL(tsx).href)
}

function exportOf(loaded: Readonly<Record<string, unknown>>, app: string): unknown {
  // Of a CommonJS module everything is in `default`.
  const nested = typeof loaded.default === 'object' && loaded.default !== null ? loaded.default : {}
  const found = [loaded, nested as typeof loaded].flatMap((exports) =>
    ['connectors', 'default'].filter((name) => exports[name] !== undefined).map((name) => exports[name]),
  )
  const best = found.find((value) => isInstance(value) || typeof value === 'function') ?? found[0]
  if (best !== undefined) return best
  const names = Object.keys(loaded)
  const there = names.length === 0 ? 'It exports nothing.' : `It exports: ${names.join(', ')}.`
  throw misuse(`--app ${app} has no export "connectors" and no default export. ${there}`)
}

async function called(make: () => unknown, app: string): Promise<unknown> {
  try {
    return await make()
  } catch (error) {
    throw refusal(`--app ${app}: its function failed: ${messageOf(error)}`)
  }
}

function isInstance(value: unknown): value is Connectors {
  const { operator, ready, close } = Object(value) as Partial<Connectors>
  return typeof operator === 'object' && operator !== null && typeof ready === 'function' && typeof close === 'function'
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value !== 'object') return `a ${typeof value}`
  const keys = Object.keys(value).slice(0, 8)
  return keys.length === 0 ? 'an object without keys' : `an object with ${keys.join(', ')}`
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
