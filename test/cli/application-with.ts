import { type ApplicationFolder, applicationFolder } from './application-folder.ts'

const key = Symbol.for('bapp-connectors: the application under test')

/** An application whose file `app.mjs` exports a function that makes the instance anew for each command. */
export async function applicationWith(
  make: () => unknown,
  files: Readonly<Record<string, string>> = {},
): Promise<ApplicationFolder> {
  const registry = globalThis as { [key]?: Map<string, () => unknown> }
  registry[key] ??= new Map()
  const name = String(registry[key].size)
  registry[key].set(name, make)
  return applicationFolder({
    'app.mjs': `export const connectors = () => globalThis[Symbol.for(${JSON.stringify(key.description)})].get('${name}')()\n`,
    ...files,
  })
}
