import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { emptyPostgresDatabase } from '../support/postgres-database.ts'

const root = new URL('../../', import.meta.url).pathname

test("the contract runs on somebody's own adapter, a repository at a time, under node:test", async () => {
  const database = await emptyPostgresDatabase()
  try {
    // Set by test runners, and Node warns about it on standard error.
    const { FORCE_COLOR: _, ...env } = process.env
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', '--test', '--test-reporter=tap', 'examples/own-repository-contract.ts'],
      { cwd: root, env: { ...env, DATABASE_URL: database.url }, timeout: 100_000, maxBuffer: 2 ** 24 },
    )
    const count = (what: string) => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(stdout)?.[1])
    expect(count('fail')).toBe(0)
    expect(count('pass')).toBeGreaterThanOrEqual(7)
    expect(stdout).toMatch(/ok \d+ - oauth-states\/consume\/one-winner: [^\n]*gets the state\n/)
    expect(stdout).toMatch(/oauth-states\/prune\/limit: .*\(skipped: nothing is pruned here/)
    expect(stdout).toMatch(/connections\/create\/conflict: .*\(skipped: only oauth-states\//)
  } finally {
    await database.drop()
  }
}, 120_000)
