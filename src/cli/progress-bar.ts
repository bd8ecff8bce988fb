import type { CliEnvironment } from './cli-environment.ts'
import { counted } from './text-table.ts'

/** Shows how far something has come, on standard error. */
export interface ProgressBar {
  /** `count` is how much is done, `details` what else to say. */
  readonly update: (count: number, details?: string) => void
  /** Leaves the last state on the screen. */
  readonly end: () => void
}

const barWidth = 24

/**
 * A bar that is drawn anew in its line on a terminal, and elsewhere a line for every tenth of the total (or, where that isn't
 * known, for every `lineEvery`).
 */
export function createProgressBar(
  { complain, columns }: Pick<CliEnvironment, 'complain' | 'columns'>,
  {
    unit,
    total,
    lineEvery = 1_000,
  }: { readonly unit: string; readonly total: number | null; readonly lineEvery?: number },
): ProgressBar {
  const step = total === null ? lineEvery : total / 10
  let told = -1
  let isDrawn = false
  const text = (count: number, details: string) => {
    const of = total === null ? '' : ` of ${counted(Math.max(total, count))}`
    return `${counted(count)}${of} ${unit}${details === '' ? '' : `, ${details}`}`
  }
  return {
    update: (count, details = '') => {
      const width = columns()
      if (width === null) {
        const steps = step === 0 ? 0 : Math.floor(count / step)
        if (steps <= told) return
        told = steps
        complain(`${text(count, details)}\n`)
        return
      }
      const line = total === null ? text(count, details) : `${bar(count, total)} ${text(count, details)}`
      // A line that is broken can't be drawn over.
      complain(`\r\u001b[2K${line.slice(0, Math.max(1, width - 1))}`)
      isDrawn = true
    },
    end: () => {
      if (isDrawn) complain('\n')
      isDrawn = false
    },
  }
}

function bar(count: number, total: number): string {
  const share = total === 0 ? 1 : Math.min(1, count / total)
  const filled = Math.floor(share * barWidth)
  const percent = `${Math.floor(share * 100)}%`.padStart(4)
  return `[${'#'.repeat(filled)}${'-'.repeat(barWidth - filled)}]${percent}`
}
