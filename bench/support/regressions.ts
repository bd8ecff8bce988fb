import { isMet, type Line } from './line.ts'

/** A ratio may be so much worse than the kept one: the machine is another, and never quite idle. */
const tolerance = 1.3

/**
 * What got worse since the kept run. Only ratios and sizes are compared: times say more about the machine than about the code.
 */
export function regressions(kept: readonly Line[], now: readonly Line[]): readonly string[] {
  return now.flatMap((line) => {
    const before = kept.find(({ name }) => name === line.name)
    if (before === undefined || !['x', 'kB'].includes(line.unit)) return []
    const worse = 'atLeast' in line.target ? before.measured / line.measured : line.measured / before.measured
    // What has room to its target may use it.
    if (isMet(line) || worse <= tolerance) return []
    return [`${line.name}: ${line.measured.toFixed(2)} ${line.unit}, was ${before.measured.toFixed(2)}`]
  })
}
