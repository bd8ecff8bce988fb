/**
 * The first `count` rows in descending order of id that are right, from a query that may also find others.
 *
 * @param fetch - rows after an id (`null`: from the beginning), at most `count`
 */
export async function matchingRows<Row extends { readonly id: string }>(
  fetch: (after: string | null) => PromiseLike<readonly Row[]>,
  isRight: (row: Row) => boolean,
  { after, count }: { readonly after: string | null; readonly count: number },
): Promise<readonly Row[]> {
  const right: Row[] = []
  for (let position = after; ; ) {
    const rows = await fetch(position)
    right.push(...rows.filter(isRight))
    const last = rows.at(-1)
    if (right.length >= count || rows.length < count || last === undefined) return right.slice(0, count)
    position = last.id
  }
}
