import { readFileSync } from 'node:fs'

/** One subpath of the package. */
export interface Entry {
  /** As in `exports` of package.json: `.`, `./memory`, … */
  readonly subpath: string
  /** Path in `dist` without extension: `index`, `memory`, `providers/github`, … */
  readonly name: string
  /** The source file, relative to the root of the checkout. */
  readonly source: string
}

/**
 * The subpaths of the package. The one table of them is `compilerOptions.paths` of tsconfig.json: examples and tests
 * import the package by its name from it, the build, knip and vitest read it, and the tarball test compares
 * it with `exports` of package.json.
 */
export function readEntries(): readonly Entry[] {
  const tsconfig = JSON.parse(readFileSync(new URL('../tsconfig.json', import.meta.url), 'utf8')) as {
    compilerOptions: { paths: Record<string, [string]> }
  }
  return Object.entries(tsconfig.compilerOptions.paths).map(([specifier, [source]]) => {
    const name = specifier.split('/').slice(1).join('/')
    return {
      subpath: name === '' ? '.' : `./${name}`,
      name: name === '' ? 'index' : name,
      source: source.replace(/^\.\//, ''),
    }
  })
}
