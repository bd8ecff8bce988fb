/** One line of the table. */
export interface Line {
  /** Stable: what `--only` and `bench/results.json` call it. */
  readonly name: string
  /** What is measured. */
  readonly what: string
  /** What it is compared with. */
  readonly reference: string
  /** The figure that is judged. */
  readonly measured: number
  readonly unit: 'x' | 'ms' | 'MB' | 'kB' | 'round trips' | 'rows'
  /** First and third quartile of the figure over the rounds; `null` where there is one measurement. */
  readonly spread: readonly [number, number] | null
  readonly target: Target
  /** What the figure was made of, in absolute numbers of this machine. */
  readonly contenders: readonly Contender[]
  /** What the figure doesn't say. */
  readonly note?: string
}

/** The figure has to be at least or at most so much. */
export type Target = { readonly atLeast: number } | { readonly atMost: number }

/** Absolute numbers of one of those who were compared. */
export interface Contender {
  readonly name: string
  /** Median, in microseconds of wall time. */
  readonly perOperationUs: number
  /** Median, in microseconds of CPU of the process that does it. */
  readonly cpuUs: number
  /** How many operations were measured. */
  readonly operations: number
}

/** Whether a figure meets its target. */
export function isMet({ measured, target }: Pick<Line, 'measured' | 'target'>): boolean {
  return 'atLeast' in target ? measured >= target.atLeast : measured <= target.atMost
}
