import { expect, test } from 'vitest'
import { lastLines, testFailures } from '../../scripts/failures.ts'

const passed = { fullName: 'adds', status: 'passed', failureMessages: [] }

test('a failed test is told by file, name and message, without the frames of packages', () => {
  const failed = {
    fullName: 'sums up',
    status: 'failed',
    failureMessages: [
      'AssertionError: expected 1 to be 2\n    at /app/test/a.test.ts:3:1\n    at run (/app/node_modules/vitest/index.js:1:1)',
    ],
  }
  const file = { name: '/app/test/a.test.ts', status: 'failed', message: '', assertionResults: [passed, failed] }
  expect(testFailures({ testResults: [file] }, '/app')).toEqual([
    'test/a.test.ts > sums up\n    AssertionError: expected 1 to be 2\n        at /app/test/a.test.ts:3:1',
  ])
})

test('a file without a test to blame is told with what it said, however long', () => {
  const message = Array.from({ length: 50 }, (_, line) => `line ${line}`).join('\n')
  const broken = { name: '/app/test/b.test.ts', status: 'failed', message, assertionResults: [passed] }
  const fine = { name: '/app/test/c.test.ts', status: 'passed', message: '', assertionResults: [passed] }
  const [told, ...others] = testFailures({ testResults: [fine, broken] }, '/app')
  expect(others).toEqual([])
  expect(told?.split('\n')).toHaveLength(13)
  expect(told).toMatch(/^test\/b\.test\.ts\n {4}line 0\n/)
})

test('of other steps the end of the output is told', () => {
  expect(lastLines('one\ntwo\nthree\n\n', 2)).toBe('    two\n    three')
})
