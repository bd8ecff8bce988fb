import { defineConfig } from 'tsup'
import { readEntries } from './scripts/entries.ts'

const subpaths = Object.fromEntries(readEntries().map(({ name, source }) => [name, source]))

export default defineConfig({
  // The command line is no subpath: nobody imports it, so it needs no declarations.
  entry: { ...subpaths, 'cli/main': 'src/cli/main.ts' },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  // One copy of every module for all subpaths: without it each subpath gets error classes of its own.
  splitting: true,
  dts: { entry: subpaths },
  treeshake: true,
  clean: true,
  // The output isn't minified and reads like the source; maps would double the package.
  sourcemap: false,
})
