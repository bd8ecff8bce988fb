import { relative } from 'node:path'

/** What we read of vitest's JSON report. */
export interface TestReport {
  readonly success: boolean
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages?: readonly string[] | null
    }[]
  }[]
}

/** More lines than this of one failure are in the output above. */
const maxLines = 12

/** What failed, a paragraph each: the file, the test, and the beginning of what it said, without the stack below `node_modules`. */
export function testFailures({ testResults }: Pick<TestReport, 'testResults'>, root: string): readonly string[] {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(root, name)
    const failed = assertionResults.filter((test) => test.status === 'failed')
    // A file that can't be loaded, or whose hooks fail, has no test to blame.
    if (failed.length === 0) return status === 'failed' ? [paragraph(file, message)] : []
    return failed.map((test) => paragraph(`${file} > ${test.fullName}`, (test.failureMessages ?? []).join('\n')))
  })
}

function paragraph(title: string, message: string): string {
  const lines = message.split('\n').filter((line) => line.trim() !== '' && !line.includes('/node_modules/'))
  return [title, ...lines.slice(0, maxLines).map((line) => `    ${line}`)].join('\n')
}

/** The end of what a step wrote, where tools say what is wrong. */
export function lastLines(output: string, count = 30): string {
  return output
    .trimEnd()
    .split('\n')
    .slice(-count)
    .map((line) => `    ${line}`)
    .join('\n')
}
