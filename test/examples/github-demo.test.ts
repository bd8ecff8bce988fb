import { execFile } from 'node:child_process'
import { beforeAll, expect, test } from 'vitest'
import { createChecklist } from '../../examples/github-demo/checklist.ts'
import { findSecrets } from '../../examples/github-demo/find-secrets.ts'
import { formatSummary } from '../../examples/github-demo/format-summary.ts'
import { plantSecrets } from '../../examples/github-demo/plant-secrets.ts'

const root = new URL('../../', import.meta.url).pathname

interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

let demo: Run

beforeAll(async () => {
  // Set by test runners, and Node warns about it on standard error.
  const { FORCE_COLOR: _, ...env } = process.env
  demo = await new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--import', 'tsx', 'examples/github-demo/main.ts'],
      { cwd: root, env, timeout: 170_000 },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    )
  })
}, 180_000)

/** The lines of the summary: label, expected, actual. */
function lines(): readonly { readonly isPassed: boolean; readonly cells: readonly string[] }[] {
  return demo.stdout
    .split('\n')
    .map((line) => /^ {2}([✓✗]) (.*)$/.exec(line))
    .flatMap((match) =>
      match === null ? [] : [{ isPassed: match[1] === '✓', cells: (match[2] ?? '').split(/ {2,}/) }],
    )
}

test('the demo goes to its end, and everything is as expected', () => {
  expect(demo.stderr).toBe('')
  expect(lines().filter(({ isPassed }) => !isPassed)).toEqual([])
  expect(demo.stdout).toContain(`All ${lines().length} checks passed in `)
  expect(demo.code).toBe(0)
})

test.each([
  ['acme: first run', '13 issues, 5 pages'],
  ['globex: first run', '13 issues, 5 pages'],
  ['acme: pages fetched twice', '0'],
  ['rows of both tenants, none shared', '26'],
  ['acme: accepted', '329'],
  ['acme: duplicates', '329'],
  ['globex: accepted', '329'],
  ['acme: rows written by the handler', '329'],
  ['globex: rows written by the handler', '329'],
  ['a tampered delivery, answered', '401'],
  ['an unsigned delivery, answered', '401'],
  ['requests of these runs', '3'],
  ['connection.disabled in all', 'globex'],
  ['requests of this run', '0'],
  ['globex: enable() tests the new token', 'connected'],
  ['verbs that answer "not found"', '18'],
  ['calls of all tenants together', '19'],
  ['7 planted secrets, in the SQLite file and its log', 'none'],
  ['7 planted secrets, in the log lines', 'none'],
  ['7 planted secrets, in the output', 'none'],
])('the summary says of "%s": %s', (label, actual) => {
  const line = lines().find(({ cells }) => cells[0] === label)
  expect(line?.cells).toEqual([label, actual, actual])
})

test('every page that was synced has a line of progress', () => {
  expect(demo.stdout.match(/^ {2}acme +page \d: \d issues?/gm)).toHaveLength(5)
  expect(demo.stdout.match(/^ {2}globex +page \d: \d issues?/gm)).toHaveLength(5)
})

test('the output has no colours where nobody looks', () => {
  expect(demo.stdout).not.toContain('\u001b')
})

test('a wrong number is a cross in the summary', () => {
  const checklist = createChecklist()
  checklist.chapter('Sums')
  checklist.expect('one and one', 2, 2)
  checklist.expect('two and two', 4, 5)
  expect(checklist.checks.map(({ isPassed }) => isPassed)).toEqual([true, false])
  expect(formatSummary(checklist.checks, { isColored: false })).toBe(
    [
      'Sums             expected  actual',
      '  ✓ one and one         2       2',
      '  ✗ two and two         4       5',
    ].join('\n'),
  )
})

test('colours mark ticks and crosses', () => {
  const checklist = createChecklist()
  checklist.expect('one and one', 2, 3)
  expect(formatSummary(checklist.checks, { isColored: true })).toContain('\u001b[31m✗\u001b[0m')
})

const secret = Buffer.from(plantSecrets().acme.token)
test.each([
  ['in clear', secret],
  ['in hex', Buffer.from(secret.toString('hex').toUpperCase())],
  ['in UTF-16', Buffer.from(secret.toString(), 'utf16le')],
  ...[0, 1, 2].map((before): [string, Buffer] => [
    `in base64, behind ${before} other bytes`,
    Buffer.from(Buffer.concat([Buffer.alloc(before, 'x'), secret, Buffer.from('tail')]).toString('base64')),
  ]),
])('a secret is found %s', (_how, spelling) => {
  const file = { name: 'file', bytes: Buffer.concat([Buffer.alloc(100), spelling, Buffer.alloc(100)]) }
  expect(findSecrets([{ name: 'token', bytes: secret }], [file])).toEqual(['token in file'])
})

test('nothing is found where there is nothing', () => {
  const other = Buffer.from(plantSecrets().acme.token)
  expect(findSecrets([{ name: 'token', bytes: secret }], [{ name: 'file', bytes: other }])).toEqual([])
})
