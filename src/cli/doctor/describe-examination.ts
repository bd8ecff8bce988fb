import { counted, textTable } from '../text-table.ts'
import type { CheckName, CheckOutcome, Finding } from './finding.ts'

/** What the doctor says, as `--json` has it. */
export interface DoctorReport {
  /** `unchecked`: there are no problems, as far as could be checked. */
  readonly status: 'healthy' | 'problems' | 'unchecked'
  readonly problemCount: number
  readonly noticeCount: number
  readonly checks: readonly CheckOutcome[]
  readonly findings: readonly (Finding & { readonly check: CheckName; readonly level: 'problem' | 'notice' })[]
}

/** The report for people: a table of the checks, then what was found, problems first. */
export function describeExamination({ status, problemCount, noticeCount, checks, findings }: DoctorReport): string {
  const countIn = (name: CheckName, wanted: string) =>
    findings.filter(({ check, level }) => check === name && level === wanted).length
  const table = textTable(
    ['check', 'result'],
    checks.map(({ name, status: went, reason }) => {
      const found = counts(countIn(name, 'problem'), countIn(name, 'notice'))
      if (found !== '') return [name, found]
      return [name, went === 'checked' ? 'fine' : `${went === 'failed' ? 'NOT CHECKED' : 'skipped'}: ${reason}`]
    }),
  )
  const told = (['problem', 'notice'] as const).flatMap((wanted) =>
    findings
      .filter(({ level }) => level === wanted)
      .map(({ code, message, advice, examples }) => {
        const which = examples.length === 0 ? '' : `  Such as: ${examples.join(', ')}\n`
        return `\n${wanted} ${code}\n  ${message}\n${which}  To do: ${advice}\n`
      }),
  )
  const end = {
    healthy: noticeCount === 0 ? 'Everything is fine.' : `No problems, ${counts(0, noticeCount)}.`,
    problems: `${counts(problemCount, noticeCount)}.`,
    unchecked: 'No problems found, but not everything could be checked.',
  }
  return `${table}${told.join('')}\n${end[status]}\n`
}

function counts(problemCount: number, noticeCount: number): string {
  const count = (number: number, noun: string) =>
    number === 0 ? [] : [`${counted(number)} ${noun}${number === 1 ? '' : 's'}`]
  return [...count(problemCount, 'problem'), ...count(noticeCount, 'notice')].join(', ')
}
