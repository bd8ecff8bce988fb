import { defineConfig } from 'vitest/config'
import { readEntries } from './scripts/entries.ts'

const root = new URL('.', import.meta.url).pathname

export default defineConfig({
  resolve: {
    // The package by its own name, from source; exact matches, so that one subpath never swallows another.
    alias: readEntries().map(({ subpath, source }) => ({
      find: new RegExp(`^bapp-connectors${subpath.slice(1)}$`),
      replacement: root + source,
    })),
  },
  test: {
    // All cores: by default vitest leaves one out, which on two cores is half of the machine.
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // Test files share a process with those before them: loading the library, Prisma and zod anew for each of them took
          // longer than most of them run. What needs a process of its own starts one.
          isolate: false,
          globalSetup: ['test/support/database-servers.ts'],
          include: ['test/**/*.test.ts'],
          exclude: ['test/dist/**', 'test/vendors/**', 'test/browser/**', 'test/jobs/fleet.test.ts'],
          // The default of 5 s is short for a busy machine with two cores; a test that hangs is found all the same.
          testTimeout: 30_000,
          setupFiles: ['test/support/setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          // Many processes that work on each engine: a step of its own.
          name: 'jobs',
          globalSetup: ['test/support/database-servers.ts'],
          include: ['test/jobs/fleet.test.ts'],
          testTimeout: 90_000,
          hookTimeout: 60_000,
          setupFiles: ['test/support/setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          // Code of other services, with a lockfile of its own.
          name: 'vendors',
          include: ['test/vendors/**/*.test.ts'],
          testTimeout: 30_000,
          setupFiles: ['test/support/setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          // Frameworks, with a lockfile of their own.
          name: 'apps',
          globalSetup: ['test/support/database-servers.ts'],
          include: ['examples/apps/*.test.ts'],
          testTimeout: 30_000,
          setupFiles: ['test/support/setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          // The console in Chromium, which is driven by a package with a lockfile of its own.
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          // A browser fills two cores.
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          setupFiles: ['test/support/setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'dist',
          include: ['test/dist/**/*.test.ts'],
          setupFiles: ['test/support/setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.{ts,tsx}'],
      // They hold types only.
      exclude: ['src/core/ports/**'],
      reporter: ['text-summary', 'json-summary', 'html'],
      thresholds: { lines: 80 },
    },
  },
})
