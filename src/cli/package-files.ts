import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Dialect } from './schema/database-of.ts'

// By the package's own name: the code may run from a file of any depth in dist.
const manifest = createRequire(import.meta.url).resolve('bapp-connectors/package.json')

/** Version of the installed package. */
export async function packageVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { readonly version: string }
  return version
}

/** The schema fragments that the package ships, by database. */
export async function shippedFragments(): Promise<Readonly<Record<Dialect, string>>> {
  const read = (dialect: Dialect) => readFile(join(dirname(manifest), 'prisma', `connectors.${dialect}.prisma`), 'utf8')
  const [sqlite, postgresql, mysql] = await Promise.all([read('sqlite'), read('postgresql'), read('mysql')])
  return { sqlite, postgresql, mysql }
}
