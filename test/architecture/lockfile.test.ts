import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const lockfile = readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')

test('the lockfile names no registry', () => {
  expect(lockfile.match(/"resolved":.*|https?:\/\/registry[^"]*/g)).toBeNull()
})

test('the lockfile holds the native packages of every platform', () => {
  const { packages } = JSON.parse(lockfile) as {
    packages: Record<string, { optionalDependencies?: Record<string, string> }>
  }
  const missing = Object.values(packages)
    .flatMap(({ optionalDependencies }) => Object.entries(optionalDependencies ?? {}))
    .filter(([name, version]) => /^\d/.test(version) && !(`node_modules/${name}` in packages))
  expect(missing, 'run `npx tsx scripts/complete-lockfile.ts`').toEqual([])
})
