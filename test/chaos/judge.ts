import type { Client } from 'pg'
import type { ChaosServer } from './chaos-server.ts'

/** What the tables say when everything is over. */
export interface Judgement {
  readonly pageCount: number
  readonly itemCount: number
  readonly generationCount: number
  /** Items, pages and effects that are there more than once. */
  readonly duplicates: readonly string[]
  /** Items that are missing or old, and positions that were skipped. */
  readonly losses: readonly string[]
  /** Whatever else must not be. */
  readonly violations: readonly string[]
}

/** A connection and the shop behind it. */
export interface JudgedConnection {
  readonly id: string
  readonly shop: string
}

interface LedgerRow {
  readonly id: string
  readonly page: number
  readonly generation: number
  readonly from: string
  readonly next: string
  readonly items: number
  readonly run: string
  readonly owner: string | null
  readonly worker: string
}

/** Compares what was written with what the server has, and the pages with each other. */
export async function judge(
  database: Client,
  server: Pick<ChaosServer, 'itemsOf' | 'endOf'>,
  connections: readonly JudgedConnection[],
): Promise<Judgement> {
  const duplicates: string[] = []
  const losses: string[] = []
  const violations: string[] = []
  const counts = { pageCount: 0, itemCount: 0, generationCount: 0 }

  const judgeItems = async ({ id, shop }: JudgedConnection) => {
    const { rows } = await database.query<{ item: string; version: number; backwards: number }>(
      'SELECT item, version, backwards FROM chaos_item WHERE connection = $1',
      [id],
    )
    const truth = server.itemsOf(shop)
    const seen = new Set<string>()
    for (const { item, version, backwards } of rows) {
      if (seen.has(item)) duplicates.push(`${shop}: ${item} is there twice`)
      seen.add(item)
      const served = truth.get(item)
      if (served === undefined) violations.push(`${shop}: ${item} was never served`)
      else if (served.version !== version) losses.push(`${shop}: ${item} has version ${version}, not ${served.version}`)
      if (backwards > 0) violations.push(`${shop}: ${item} was overwritten with an older version`)
    }
    for (const item of truth.keys()) if (!seen.has(item)) losses.push(`${shop}: ${item} is missing`)
    counts.itemCount += rows.length
  }

  const judgePages = async ({ id, shop }: JudgedConnection) => {
    const { rows } = await database.query<LedgerRow>('SELECT * FROM chaos_ledger WHERE connection = $1 ORDER BY id', [
      id,
    ])
    const effects = await database.query<{ page: number; effects: number }>(
      'SELECT page, effects FROM chaos_effect WHERE connection = $1',
      [id],
    )
    for (const { page, effects: times } of effects.rows) {
      if (times !== 1) duplicates.push(`${shop}: page ${page} took effect ${times} times`)
    }
    if (effects.rows.length !== rows.length)
      violations.push(`${shop}: ${rows.length} pages, ${effects.rows.length} effects`)
    let before: Pick<LedgerRow, 'generation' | 'next'> = { generation: rows[0]?.generation ?? 0, next: '' }
    const generations = new Set<number>()
    for (const row of rows) {
      const line = `${shop}: ${JSON.stringify(row)} after ${JSON.stringify(before)}`
      generations.add(row.generation)
      if (row.owner !== row.run) violations.push(`${line}: written while somebody else had the lease`)
      if (row.generation < before.generation) violations.push(`${line}: the generation goes back`)
      const expected = row.generation === before.generation ? before.next : ''
      if (row.from < expected) duplicates.push(`${line}: the cursor goes back`)
      if (row.from > expected) losses.push(`${line}: positions were skipped`)
      before = row
    }
    counts.pageCount += rows.length
    counts.generationCount += generations.size
  }

  const judgeState = async ({ id, shop }: JudgedConnection) => {
    const { rows } = await database.query<Record<string, unknown>>(
      `SELECT cursor, status, "leaseOwner", "leaseExpiresAt", "errorCount", "itemsSynced"::text AS "itemsSynced",
         (SELECT coalesce(sum(items), 0)::text FROM chaos_ledger WHERE connection = $1) AS items
       FROM connectors_sync_state WHERE "connectionId" = $1 AND "resourceType" = 'items'`,
      [id],
    )
    const [state] = rows
    const said = `${shop}: ${JSON.stringify(state)}`
    if (state?.cursor !== JSON.stringify(server.endOf(shop))) losses.push(`${said}: the cursor is not at the end`)
    if (state?.status !== 'completed') violations.push(`${said}: not completed`)
    if (state?.leaseOwner !== null || state.leaseExpiresAt !== null) violations.push(`${said}: a lease is left`)
    if (state?.itemsSynced !== state?.items) violations.push(`${said}: counts other items than were written`)
  }

  for (const connection of connections) {
    await judgeItems(connection)
    await judgePages(connection)
    await judgeState(connection)
  }
  return { ...counts, duplicates, losses, violations }
}
