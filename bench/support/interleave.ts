import { type CpuClock, ownCpu } from './cpu.ts'
import type { Contender } from './line.ts'
import { median, quartiles } from './statistics.ts'

/** One of those who are compared: works for about so many milliseconds and answers how many operations it did. */
export interface Contestant {
  readonly name: string
  /** What has to be there before the clock runs, for so many operations. */
  readonly prepare?: (operations: number) => Promise<void> | void
  readonly work: (ms: number) => Promise<number>
}

/** One turn of one contestant. */
interface Turn {
  readonly operations: number
  readonly ms: number
  readonly cpuMs: number
}

/** What came out. The first contestant is the reference. */
export interface Comparison {
  /** How many times the throughput of the reference a contestant has. */
  readonly speed: (name: string) => { readonly ratio: number; readonly spread: readonly [number, number] }
  /** CPU of one operation, in milliseconds. */
  readonly cpuMs: (name: string) => number
  readonly contenders: readonly Contender[]
}

/**
 * Lets contestants take turns, in changing order, so that whatever else the machine does meets all of them. The ratio of a
 * round compares turns that lie side by side; the median of the rounds is the result. The first round is not counted.
 */
export async function interleave(
  contestants: readonly [Contestant, ...Contestant[]],
  { rounds, turnMs, cpu = ownCpu }: { readonly rounds: number; readonly turnMs: number; readonly cpu?: CpuClock },
): Promise<Comparison> {
  const turns = new Map<string, Turn[]>(contestants.map(({ name }) => [name, []]))
  let expected = new Map<string, number>()
  for (let round = 0; round <= rounds; round += 1) {
    const shift = round % contestants.length
    const order = [...contestants.slice(shift), ...contestants.slice(0, shift)]
    for (const { name, prepare, work } of order) {
      await prepare?.(Math.ceil((expected.get(name) ?? 200) * 1.5))
      globalThis.gc?.()
      const cpuBefore = await cpu()
      const startedAt = performance.now()
      const operations = await work(turnMs)
      const ms = performance.now() - startedAt
      const cpuMs = (await cpu()) - cpuBefore
      expected = expected.set(name, operations)
      if (round > 0) turns.get(name)?.push({ operations, ms, cpuMs })
    }
  }

  const of = (name: string) => turns.get(name) ?? []
  const reference = of(contestants[0].name)
  const speed: Comparison['speed'] = (name) => {
    const ratios = of(name).map((turn, round) => {
      const beside = reference[round]
      return beside === undefined ? Number.NaN : turn.operations / turn.ms / (beside.operations / beside.ms)
    })
    return { ratio: median(ratios), spread: quartiles(ratios) }
  }
  const cpuMs: Comparison['cpuMs'] = (name) => median(of(name).map((turn) => turn.cpuMs / turn.operations))
  return {
    speed,
    cpuMs,
    contenders: contestants.map(({ name }) => ({
      name,
      perOperationUs: median(of(name).map(({ ms, operations }) => (ms / operations) * 1_000)),
      cpuUs: cpuMs(name) * 1_000,
      operations: of(name).reduce((sum, { operations }) => sum + operations, 0),
    })),
  }
}
