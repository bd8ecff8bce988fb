import { openDatabase, openLibrary } from '../support/database.ts'
import { interleave } from '../support/interleave.ts'
import { report } from '../support/report.ts'
import { atOnce } from '../support/work.ts'

// Work that is due, in fair order, among very many sync states: half of them due, of a thousand tenants, one of which has a third.
const query = { at: new Date('2026-01-01T00:00:00Z'), clockSkewMs: 10_000, limit: 100, perTenant: 5 }

/** A database with so many states. */
async function withStates(count: number) {
  const database = await openDatabase({ max: 2 })
  const { pool } = database
  const { connectors, connectionId } = await openLibrary(database)
  await connectors.close()
  // Loaded without the indexes and the foreign key, and with exactly these afterwards.
  const { rows: indexes } = await pool.query(
    `SELECT indexdef FROM pg_indexes WHERE tablename = 'connectors_sync_state' AND indexname NOT LIKE '%_pkey'`,
  )
  await pool.query(`
    DO $$ DECLARE name text; BEGIN
      FOR name IN SELECT indexname FROM pg_indexes WHERE tablename = 'connectors_sync_state' AND indexname NOT LIKE '%_pkey'
      LOOP EXECUTE format('DROP INDEX %I', name); END LOOP;
    END $$;
    ALTER TABLE connectors_sync_state DISABLE TRIGGER ALL`)
  await pool.query(
    `INSERT INTO connectors_sync_state (id, "tenantId", "connectionId", "resourceType", status, "dueAt", "errorCount", mode,
       generation, "itemsSynced", revision, fence, "createdAt", "updatedAt")
     SELECT md5(n::text), 'tenant-' || CASE WHEN n % 3 = 0 THEN 0 ELSE n % 1000 END, $1, 'state-' || n, 'completed',
       timestamp '2026-01-01' + (n - $2::int / 2) * interval '1 second', 0, 'incremental', 0, 0, 0, 0, now(), now()
     FROM generate_series(1, $2::int) AS n`,
    [connectionId, count],
  )
  for (const { indexdef } of indexes) await pool.query(indexdef)
  await pool.query('ALTER TABLE connectors_sync_state ENABLE TRIGGER ALL')
  await pool.query('VACUUM ANALYZE connectors_sync_state')
  return database
}

const [few, many] = [await withStates(1_000), await withStates(1_000_000)]
const found = (await many.repositories.syncStates.due(query)).length
if (found !== query.limit) throw new Error(`due() found ${found} states.`)
const compared = await interleave(
  [
    { name: '1,000 states', work: atOnce(1, () => few.repositories.syncStates.due(query)) },
    { name: '1,000,000 states', work: atOnce(1, () => many.repositories.syncStates.due(query)) },
  ],
  { rounds: 16, turnMs: 250 },
)
const { ratio, spread } = compared.speed('1,000,000 states')

// The plan of the statements that Prisma really sends.
const statements: { readonly text: string; readonly values: unknown[] }[] = []
many.pool.on('acquire', (client) => {
  const original = client.query.bind(client)
  const watched = (...args: unknown[]) => {
    const [config, values] = args as [{ text: string; values?: unknown[] } | string, unknown[] | undefined]
    const text = typeof config === 'string' ? config : config.text
    statements.push({ text, values: (typeof config === 'string' ? values : (config.values ?? values)) ?? [] })
    return (original as (...given: unknown[]) => unknown)(...args)
  }
  client.query = watched as typeof client.query
})
await many.repositories.syncStates.due(query)
const plans: string[] = []
for (const { text, values } of statements.filter((statement) => statement.text.includes('connectors_sync_state'))) {
  const { rows } = await many.pool.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, values)
  plans.push(rows.map((row) => row['QUERY PLAN'].trim()).join(' | '))
}
const scans = plans.filter((plan) => /Index Scan using \S*dueAt/.test(plan)).length

report({
  name: 'due',
  what: 'due() with 1,000,000 sync states, fair order: latency',
  reference: '1,000 states',
  measured: 1 / ratio,
  unit: 'x',
  spread: [1 / spread[1], 1 / spread[0]],
  target: { atMost: 2 },
  contenders: compared.contenders,
  note: `EXPLAIN: ${scans} of ${plans.length} statements are an index scan of (dueAt, id): ${plans[0]?.slice(0, 160)}`,
})
for (const database of [few, many]) await database.close()
