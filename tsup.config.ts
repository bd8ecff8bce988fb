import { defineConfig } from 'tsup'
import { readEntries } from './scripts/entries.ts'

export default defineConfig({
  entry: Object.fromEntries(readEntries().map(({ name, source }) => [name, source])),
  format: 'esm',
  target: 'node20',
  platform: 'node',
  // One copy of every module for all subpaths: without it each subpath gets error classes of its own.
  splitting: true,
  dts: true,
  treeshake: true,
  clean: true,
  // The output isn't minified and reads like the source; maps would double the package.
  sourcemap: false,
})
