import { isMet, type Line } from './line.ts'
import type { Results } from './results.ts'

/** What a run found, as a table in Markdown. */
export function toTable(lines: readonly Line[]): string {
  const rows = lines.map((line) => [
    `\`${line.name}\``,
    line.what,
    line.reference,
    'atLeast' in line.target ? `>= ${figure(line.target.atLeast, line)}` : `<= ${figure(line.target.atMost, line)}`,
    line.spread === null
      ? figure(line.measured, line)
      : `${figure(line.measured, line)} (${line.spread.map((value) => value.toFixed(2)).join('–')})`,
    cpuOf(line),
    isMet(line) ? 'met' : '**missed**',
  ])
  const head = ['line', 'measured is', 'compared with', 'target', 'measured', 'CPU of one, ours / theirs', 'verdict']
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** The table with what it was measured on. */
export function toReport({ date, commit, versions, machine, lines }: Results): string {
  const list = (entries: Readonly<Record<string, string>>) =>
    Object.entries(entries)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')
  return [
    toTable(lines),
    '',
    `Measured on ${date} at ${commit}.`,
    `Machine: ${list(machine)}.`,
    `Versions: ${list(versions)}.`,
  ].join('\n')
}

function figure(value: number, { unit }: Line): string {
  return `${value.toFixed(unit === 'x' ? 2 : 1)} ${unit}`
}

function cpuOf({ contenders }: Line): string {
  const [theirs, ours] = contenders
  if (theirs === undefined || ours === undefined || !(ours.cpuUs > 0)) return ''
  return `${micros(ours.cpuUs)} / ${micros(theirs.cpuUs)}`
}

function micros(us: number): string {
  return us >= 1_000 ? `${(us / 1_000).toFixed(2)} ms` : `${us.toFixed(us < 10 ? 1 : 0)} µs`
}
