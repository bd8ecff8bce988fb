import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'
import config from '../../tsup.config.ts'

const root = new URL('../../', import.meta.url).pathname
const bench = join(root, 'bench')

/** Where the benchmarks are built to: as deep in the checkout as their sources, so that relative paths lead to the same places. */
const output = join(root, '.tmp', 'bench')

/** Builds the library as it is published, without declarations. Answers its folder. */
export async function buildLibrary(): Promise<string> {
  if (typeof config === 'function' || Array.isArray(config)) throw new Error('tsup.config.ts is one configuration.')
  const outDir = join(root, '.tmp', 'bench-dist')
  await build({ ...config, config: false, dts: false, outDir, silent: true })
  return outDir
}

/**
 * Makes plain JavaScript of the benchmarks: nothing is compiled while they run. `bapp-connectors` in them is the built library,
 * what is compared with comes from `bench/node_modules`, everything else from the checkout's own packages.
 */
export async function bundleLines(names: readonly string[], library: string): Promise<(name: string) => string> {
  const others = resolveOthers()
  await build({
    config: false,
    entry: Object.fromEntries(names.map((name) => [name, join(bench, 'lines', `${name}.ts`)])),
    format: 'esm',
    target: 'node20',
    outDir: output,
    outExtension: () => ({ js: '.mjs' }),
    splitting: false,
    dts: false,
    clean: true,
    silent: true,
    esbuildPlugins: [
      {
        name: 'bench',
        setup: ({ onResolve }) => {
          onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
            if (kind === 'entry-point') return undefined
            const own = /^bapp-connectors(?:\/(.+))?$/.exec(path)
            if (own !== null) return { path: join(library, `${own[1] ?? 'index'}.js`), external: true }
            return { path: others.get(path) ?? path, external: true }
          })
        },
      },
    ],
  })
  return (name) => join(output, `${name}.mjs`)
}

/** Where Node finds what is compared with: a bundler would take other files of some packages than Node does. */
function resolveOthers(): ReadonlyMap<string, string> {
  const { devDependencies } = JSON.parse(readFileSync(join(bench, 'package.json'), 'utf8')) as {
    devDependencies: Readonly<Record<string, string>>
  }
  const names = Object.keys(devDependencies)
  const source = `console.log(JSON.stringify(${JSON.stringify(names)}.map((name) => [name, import.meta.resolve(name)])))`
  const answer = execFileSync(process.execPath, ['--input-type=module', '-e', source], { cwd: bench, encoding: 'utf8' })
  const found = JSON.parse(answer) as readonly (readonly [string, string])[]
  return new Map(found.map(([name, url]) => [name, fileURLToPath(url)]))
}
