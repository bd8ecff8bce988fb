import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { providerContract } from 'bapp-connectors/testing'
import { expect, test } from 'vitest'

const root = new URL('../../', import.meta.url).pathname

test('the provider of the example keeps every promise of the contract, under node:test', async () => {
  // Set by test runners, and Node warns about it on standard error.
  const { FORCE_COLOR: _, ...env } = process.env
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--test', '--test-reporter=tap', 'examples/custom-provider-contract.ts'],
    { cwd: root, env, timeout: 100_000, maxBuffer: 2 ** 24 },
  )
  const count = (what: string) => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(stdout)?.[1])
  expect({ pass: count('pass'), fail: count('fail'), skipped: count('skipped') }).toEqual({
    pass: providerContract.length - 1,
    fail: 0,
    // It tells no choices.
    skipped: 1,
  })
}, 120_000)
