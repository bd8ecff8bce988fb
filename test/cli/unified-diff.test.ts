import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unifiedDiff } from '../../src/cli/init/unified-diff.ts'

test('a new file, a change with its surroundings, a missing last line end', () => {
  expect(unifiedDiff({ path: 'a/x', before: null, after: 'one\ntwo' })).toBe(
    '--- /dev/null\n+++ b/a/x\n@@ -0,0 +1,2 @@\n+one\n+two\n\\ No newline at end of file\n',
  )
  expect(unifiedDiff({ path: 'x', before: '1\n2\n3\n4\n5\n', after: '1\n2\n3\n4\nfive\n' })).toBe(
    '--- a/x\n+++ b/x\n@@ -2,4 +2,4 @@\n 2\n 3\n 4\n-5\n+five\n',
  )
  expect(unifiedDiff({ path: 'x', before: 'same\n', after: 'same\n' })).toBe('')
})

/** Applies a diff the way `patch` does, without fuzz. */
function patched(before: string, diff: string): string {
  const source = before === '' ? [] : before.split(/(?<=\n)/)
  const result: string[] = []
  let at = 0
  const lines = diff.split(/(?<=\n)/).slice(2)
  for (const [index, line] of lines.entries()) {
    const hunk = /^@@ -(\d+),(\d+) /.exec(line)
    const text = lines[index + 1]?.startsWith('\\') ? line.slice(1, -1) : line.slice(1)
    if (hunk !== null) {
      const start = Number(hunk[1]) - (hunk[2] === '0' ? 0 : 1)
      while (at < start) result.push(source[at++] ?? '')
    } else if (line.startsWith('+')) result.push(text)
    else if (line.startsWith(' ') || line.startsWith('-')) {
      expect(source[at]).toBe(text)
      if (line.startsWith(' ')) result.push(text)
      at++
    }
  }
  return result.join('') + source.slice(at).join('')
}

test('a diff turns the text before into the text after', () => {
  const text = fc
    .array(fc.constantFrom('a\n', 'b\n', 'c\n', '\n', 'd\r\n', 'e'), { maxLength: 40 })
    .map((lines) => lines.map((line, index) => (line === 'e' && index < lines.length - 1 ? 'e\n' : line)).join(''))
  fc.assert(
    fc.property(text, text, (before, after) => {
      expect(patched(before, unifiedDiff({ path: 'x', before, after }))).toBe(after)
    }),
    { numRuns: 500 },
  )
})
