/** The word that somebody may have meant: the most similar one, if it is similar at all. */
export function closest(typed: string, words: readonly string[]): string | null {
  const given = typed.toLowerCase()
  let best: string | null = null
  // A third of the letters may differ; of a short word, one.
  let least = Math.max(1, Math.floor(given.length / 3)) + 1
  for (const word of words) {
    const distance = editDistance(given, word.toLowerCase())
    if (distance >= least) continue
    best = word
    least = distance
  }
  return best
}

/** Letters to insert, remove, replace or swap with their neighbour. */
function editDistance(one: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, index) => index)]
  const at = (row: number, column: number) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY
  for (let i = 1; i <= one.length; i += 1) {
    rows.push([i])
    for (let j = 1; j <= other.length; j += 1) {
      const isSame = one[i - 1] === other[j - 1]
      const isSwapped = one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]
      const cost = Math.min(
        at(i - 1, j) + 1,
        at(i, j - 1) + 1,
        at(i - 1, j - 1) + (isSame ? 0 : 1),
        isSwapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
      )
      rows[i]?.push(cost)
    }
  }
  return at(one.length, other.length)
}
