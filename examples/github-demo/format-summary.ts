import type { Check, Fact } from './checklist.ts'

// A long explanation of what went wrong sticks out; it must not push all other lines apart.
const widestColumn = 60

/** The checks as an aligned table, a tick or cross per line, under the titles of their chapters. */
export function formatSummary(checks: readonly Check[], options: { readonly isColored: boolean }): string {
  const paint = (code: number, text: string) => (options.isColored ? `\u001b[${code}m${text}\u001b[0m` : text)
  const widest = (cells: readonly string[]) =>
    Math.max(0, ...cells.map((cell) => cell.length).filter((length) => length <= widestColumn))
  const labels = widest(checks.map(({ label }) => label))
  const expecteds = widest(['expected', ...checks.map(({ expected }) => show(expected))])
  const actuals = widest(['actual', ...checks.map(({ actual }) => show(actual))])

  const line = ({ label, expected, actual, isPassed }: Check) => {
    const mark = isPassed ? paint(32, '✓') : paint(31, '✗')
    const result = show(actual).padStart(actuals)
    const wanted = paint(2, show(expected).padStart(expecteds))
    return `  ${mark} ${label.padEnd(labels)}  ${wanted}  ${isPassed ? result : paint(31, result)}`
  }

  const lines = checks.flatMap((check, index) => {
    if (check.chapter === checks[index - 1]?.chapter) return [line(check)]
    const heading = check.chapter.padEnd(labels + 4)
    // The names of the columns stand beside the first title.
    const names = index === 0 ? paint(2, `  ${'expected'.padStart(expecteds)}  ${'actual'.padStart(actuals)}`) : ''
    return ['', `${paint(1, heading)}${names}`.trimEnd(), line(check)]
  })
  return lines.slice(1).join('\n')
}

function show(fact: Fact): string {
  return typeof fact === 'boolean' ? (fact ? 'yes' : 'no') : String(fact)
}
