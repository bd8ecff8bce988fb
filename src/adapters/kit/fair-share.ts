/** What `fairShare` has to know of a row that is due. */
export interface DueRow<T> {
  readonly id: string
  readonly tenantId: T
  readonly dueAt: Date | null
}

/**
 * At most `limit` rows, and of one tenant at most `perTenant` while others wait: first those within their tenant's share, the
 * longest-waiting ones first; what is left of the limit goes to those beyond it.
 *
 * @param fetch - the first `count` rows by (dueAt, id) of all tenants but some. It is asked once more for each few tenants whose
 *   share is used up, never more than `limit / perTenant + 2` times, so a tenant with very many rows hides nobody's.
 */
export async function fairShare<T, Row extends DueRow<T>>({
  fetch,
  limit,
  perTenant,
}: {
  readonly fetch: (except: readonly T[], count: number) => Promise<readonly Row[]>
  readonly limit: number
  readonly perTenant: number
}): Promise<readonly Row[]> {
  const shares = new Map<T, Row[]>()
  const full = new Set<T>()
  let first: readonly Row[] | null = null
  for (;;) {
    const fullBefore = full.size
    const rows = await fetch([...full], limit)
    first ??= rows
    for (const row of rows) {
      const share = shares.get(row.tenantId) ?? []
      if (share.length < perTenant && !share.some(({ id }) => id === row.id)) share.push(row)
      if (share.length >= perTenant) full.add(row.tenantId)
      shares.set(row.tenantId, share)
    }
    const count = [...shares.values()].reduce((sum, share) => sum + share.length, 0)
    // Rows that are new come only from behind a tenant that has just used up its share.
    if (count >= limit || rows.length < limit || full.size === fullBefore) break
  }
  const within = [...shares.values()].flat().toSorted(longestWaitingFirst).slice(0, limit)
  const taken = new Set(within.map(({ id }) => id))
  const beyond = first.filter(({ id }) => !taken.has(id))
  return [...within, ...beyond].slice(0, limit)
}

function longestWaitingFirst(a: DueRow<unknown>, b: DueRow<unknown>): number {
  return (a.dueAt?.getTime() ?? 0) - (b.dueAt?.getTime() ?? 0) || (a.id < b.id ? -1 : 1)
}
