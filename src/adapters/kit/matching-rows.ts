/**
 * The first `count` rows that are right, in the order of a query that may also find others.
 *
 * @param fetch - at most `count` rows: those after the last one that it gave (`null`: from the beginning), of which there
 *   were `seenCount` until then
 */
export async function matchingRows<Row>(
  fetch: (last: Row | null, seenCount: number) => PromiseLike<readonly Row[]>,
  isRight: (row: Row) => boolean,
  count: number,
): Promise<readonly Row[]> {
  const right: Row[] = []
  let seenCount = 0
  for (let last: Row | null = null; ; ) {
    const rows: readonly Row[] = await fetch(last, seenCount)
    right.push(...rows.filter(isRight))
    last = rows.at(-1) ?? null
    seenCount += rows.length
    if (right.length >= count || rows.length < count || last === null) return right.slice(0, count)
  }
}
