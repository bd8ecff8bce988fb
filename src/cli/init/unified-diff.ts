/** A file before and after. */
export interface FileChange {
  /** Relative, with forward slashes. */
  readonly path: string
  /** `null` for a file that isn't there yet. */
  readonly before: string | null
  readonly after: string
}

interface Step {
  readonly sign: ' ' | '-' | '+'
  readonly line: string
}

const context = 3

/** The change as a unified diff that `patch -p1` and `git apply` understand; empty if nothing changes. */
export function unifiedDiff({ path, before, after }: FileChange): string {
  const steps = stepsBetween(linesOf(before ?? ''), linesOf(after))
  const changed = steps.flatMap(({ sign }, index) => (sign === ' ' ? [] : [index]))
  const hunks: { from: number; to: number }[] = []
  for (const index of changed) {
    const last = hunks.at(-1)
    if (last !== undefined && index - last.to <= context * 2) last.to = index + 1
    else hunks.push({ from: index, to: index + 1 })
  }
  if (hunks.length === 0) return ''
  const head = `--- ${before === null ? '/dev/null' : `a/${path}`}\n+++ b/${path}\n`
  return head + hunks.map(({ from, to }) => hunk(steps, Math.max(0, from - context), to + context)).join('')
}

function hunk(steps: readonly Step[], from: number, to: number): string {
  const inside = steps.slice(from, to)
  const range = (other: Step['sign']) => {
    const count = inside.filter(({ sign }) => sign !== other).length
    const skipped = steps.slice(0, from).filter(({ sign }) => sign !== other).length
    // An empty range names the line before it.
    return `${count === 0 ? skipped : skipped + 1},${count}`
  }
  const body = inside.map(({ sign, line }) =>
    line.endsWith('\n') ? sign + line : `${sign}${line}\n\\ No newline at end of file\n`,
  )
  return `@@ -${range('+')} +${range('-')} @@\n${body.join('')}`
}

const linesOf = (text: string) => (text === '' ? [] : text.split(/(?<=\n)/))

/** The shortest way from one text to the other, after Myers: `reached[k]` is how far diagonal `k` got in `from`. */
function stepsBetween(from: readonly string[], to: readonly string[]): readonly Step[] {
  const history: Map<number, number>[] = []
  let reached = new Map([[1, 0]])
  for (let edits = 0; ; edits++) {
    history.push(new Map(reached))
    for (let k = -edits; k <= edits; k += 2) {
      let x = isInsertion(reached, k, edits) ? at(reached, k + 1) : at(reached, k - 1) + 1
      while (x < from.length && x - k < to.length && from[x] === to[x - k]) x++
      reached.set(k, x)
      if (x >= from.length && x - k >= to.length) return walkBack(history, from, to)
    }
    reached = new Map(reached)
  }
}

function walkBack(history: readonly Map<number, number>[], from: readonly string[], to: readonly string[]) {
  const steps: Step[] = []
  let x = from.length
  let y = to.length
  for (let edits = history.length - 1; edits >= 0; edits--) {
    const reached = history[edits] ?? new Map<number, number>()
    const previous = isInsertion(reached, x - y, edits) ? x - y + 1 : x - y - 1
    const startX = Math.max(0, at(reached, previous))
    const startY = edits === 0 ? 0 : startX - previous
    while (x > startX && y > startY && from[x - 1] === to[y - 1]) {
      steps.push({ sign: ' ', line: from[--x] ?? '' })
      y--
    }
    if (edits === 0) break
    if (x > startX) steps.push({ sign: '-', line: from[--x] ?? '' })
    else steps.push({ sign: '+', line: to[--y] ?? '' })
  }
  return steps.reverse()
}

const at = (reached: ReadonlyMap<number, number>, k: number) => reached.get(k) ?? -1

const isInsertion = (reached: ReadonlyMap<number, number>, k: number, edits: number) =>
  k === -edits || (k !== edits && at(reached, k - 1) < at(reached, k + 1))
