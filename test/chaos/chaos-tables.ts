import type { ListedItem } from './chaos-provider.ts'

/**
 * The user's tables. Nothing in them keeps a mistake out: no item and no page is unique, so that what happens twice is there
 * twice. Only the counter of a page's effects has a key, and counts.
 */
export const chaosTables = `
  CREATE TABLE chaos_item (connection text, item text, version int, backwards int);
  CREATE INDEX ON chaos_item (connection, item);
  CREATE TABLE chaos_effect (connection text, page int, effects int, PRIMARY KEY (connection, page));
  CREATE TABLE chaos_ledger (
    id bigserial PRIMARY KEY, connection text, page int, generation int, "from" text, next text, items int,
    run text, owner text, worker text, at timestamptz DEFAULT clock_timestamp()
  );`

/** What a page's handler is told about its page. */
export interface PageOfRun {
  readonly connectionId: string
  readonly generation: number
  readonly runId: string
  readonly worker: string
}

/** The statements of a handler: each with its parameters. */
export function pageEffects(items: readonly ListedItem[], run: PageOfRun): readonly (readonly [string, unknown[]])[] {
  const [first] = items
  if (first === undefined) return []
  const { page, from, next } = first
  return [
    [
      `WITH listed AS (SELECT * FROM jsonb_to_recordset($1::jsonb) AS listed(id text, version int)),
            updated AS (
              UPDATE chaos_item SET version = listed.version,
                backwards = backwards + CASE WHEN listed.version < chaos_item.version THEN 1 ELSE 0 END
              FROM listed WHERE connection = $2 AND item = listed.id RETURNING item)
       INSERT INTO chaos_item
       SELECT $2, id, version, 0 FROM listed WHERE id NOT IN (SELECT item FROM updated)`,
      [JSON.stringify(items), run.connectionId],
    ],
    [
      `INSERT INTO chaos_effect VALUES ($1, $2, 1)
       ON CONFLICT (connection, page) DO UPDATE SET effects = chaos_effect.effects + 1`,
      [run.connectionId, page],
    ],
    [
      // Who owns the lease is read from the row of the sync itself: nobody else may be writing here.
      `INSERT INTO chaos_ledger (connection, page, generation, "from", next, items, run, worker, owner)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8,
         (SELECT "leaseOwner" FROM connectors_sync_state WHERE "connectionId" = $1 AND "resourceType" = 'items'))`,
      [run.connectionId, page, run.generation, from, next, items.length, run.runId, run.worker],
    ],
  ]
}
