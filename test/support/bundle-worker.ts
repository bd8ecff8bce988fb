import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { build } from 'tsup'
import { readEntries } from '../../scripts/entries.ts'
import { applySabotage, type Sabotage } from '../chaos/sabotages.ts'

const root = new URL('../../', import.meta.url).pathname

/**
 * Bundles a worker (a file below `test`) with the library from source, as it is or without a guard: it starts as fast as built
 * code. Answers its path.
 */
export async function bundleWorker(worker: string, folder: string, sabotage: Sabotage = {}): Promise<string> {
  const name = basename(worker, '.ts')
  const bySubpath = new Map(readEntries().map(({ subpath, source }) => [`bapp-connectors${subpath.slice(1)}`, source]))
  await build({
    config: false,
    entry: { [name]: join(root, 'test', worker) },
    format: 'esm',
    target: 'node20',
    outDir: folder,
    outExtension: () => ({ js: '.mjs' }),
    skipNodeModulesBundle: true,
    noExternal: [/^bapp-connectors/],
    splitting: false,
    dts: false,
    clean: false,
    silent: true,
    esbuildPlugins: [
      {
        name: 'library-from-source',
        setup: ({ onResolve, onLoad }) => {
          onResolve({ filter: /^bapp-connectors/ }, ({ path }) => ({ path: join(root, bySubpath.get(path) ?? path) }))
          onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
            const source = await readFile(path, 'utf8')
            const replacements = sabotage[path.slice(join(root, 'src/').length)] ?? []
            return { contents: applySabotage(source, replacements), loader: 'ts' }
          })
        },
      },
    ],
  })
  return join(folder, `${name}.mjs`)
}
