import type pg from 'pg'

/** How much there is. */
export const counts = { tenants: 1_000, connections: 10_000, syncs: 20_000, webhooks: 200_000, calls: 1_000_000 }

/** The SQL of a uuid v7 that sorts by an instant, and then by a number. */
const idAt = (at: string, number: string) => {
  const ms = `lpad(to_hex((extract(epoch from ${at}) * 1000)::bigint), 12, '0')`
  return `substr(${ms}, 1, 8) || '-' || substr(${ms}, 9, 4) || '-7000-8000-' || lpad(to_hex(${number}), 12, '0')`
}

/** Makes a week's rows of many connections out of one, which the library has made. */
export async function fillAdminDatabase(pool: pg.Pool, { id, tenantId }: { id: string; tenantId: string }) {
  const { tenants, connections, syncs, webhooks, calls } = counts
  const at = (total: number) => `(now() at time zone 'utc') - interval '7 days' * (1 - n::float / ${total})`
  const columns = async (table: string) => {
    const found = await pool.query<{ name: string }>(
      'SELECT column_name AS name FROM information_schema.columns WHERE table_name = $1',
      [table],
    )
    return found.rows.map(({ name }) => name)
  }
  /** Copies of a row, with some columns made anew. */
  const copies = async (table: string, total: number, made: Readonly<Record<string, string>>, where: string) => {
    const names = await columns(table)
    const values = names.map((name) => made[name] ?? `r."${name}"`)
    await pool.query(
      `INSERT INTO ${table} (${names.map((name) => `"${name}"`).join(', ')})
       SELECT ${values.join(', ')} FROM generate_series(1, ${total}) n, (SELECT * FROM ${table} WHERE ${where} LIMIT 1) r`,
    )
  }
  const connectionOf = (number: string) => idAt(`timestamp '2026-01-01'`, `${number} % ${connections} + 1`)
  const tenantOf = (number: string) => `'tenant-' || ((${number} % ${connections} + 1) % ${tenants})`

  await pool.query(`INSERT INTO "Tenant" (id) SELECT 'tenant-' || n FROM generate_series(0, ${tenants - 1}) n`)
  await copies(
    'connectors_connection',
    connections,
    {
      id: idAt(`timestamp '2026-01-01'`, 'n'),
      tenantId: `'tenant-' || (n % ${tenants})`,
      displayName: `'Account ' || n`,
      slot: 'n::text',
      isEnabled: 'n % 20 <> 0',
      isConnected: 'n % 20 <> 0 AND n % 33 <> 0',
      disabledReason: `CASE WHEN n % 20 = 0 THEN '3 authentication failures in a row' END`,
      pausedUntil: `CASE WHEN n % 51 = 0 THEN now() at time zone 'utc' + interval '1 hour' END`,
    },
    `id = '${id}'`,
  )
  await copies(
    'connectors_sync_state',
    syncs,
    {
      id: idAt(`timestamp '2026-01-01'`, 'n'),
      tenantId: tenantOf('n'),
      connectionId: connectionOf('n'),
      resourceType: `CASE WHEN n > ${connections} THEN 'orders' ELSE 'products' END`,
      status: `CASE WHEN n % 40 = 0 THEN 'failed' ELSE 'completed' END`,
      lastError: `CASE WHEN n % 40 = 0 THEN 'GET /orders answered 500' END`,
    },
    `"connectionId" = '${id}'`,
  )
  await copies(
    'connectors_webhook_event',
    webhooks,
    {
      id: idAt(at(webhooks), 'n'),
      tenantId: tenantOf('n'),
      connectionId: connectionOf('n'),
      idempotencyKey: 'md5(n::text)',
      orderKey: 'NULL',
      rawBody: `convert_to(repeat('x', 2000), 'UTF8')`,
      status: `CASE WHEN n % 500 = 0 THEN 'dead' WHEN n > ${webhooks - 2_000} THEN 'received' ELSE 'processed' END`,
      createdAt: at(webhooks),
    },
    `"connectionId" = '${id}'`,
  )
  await copies(
    'connectors_execution_log',
    calls,
    {
      id: idAt(at(calls), 'n'),
      tenantId: tenantOf('n * 7'),
      connectionId: connectionOf('n * 7'),
      runId: `CASE WHEN n % 1000 = 0 THEN 'operator' ELSE 'run-' || n / 10 END`,
      actor: `CASE WHEN n % 1000 = 0 THEN 'ada@example.com' END`,
      method: `CASE WHEN n % 1000 = 0 THEN 'ACT' ELSE 'GET' END`,
      url: `'https://shop-' || n % 1000 || '.example/wp-json/wc/v3/orders?page=' || n`,
      responseStatus: `CASE WHEN n % 1000 = 0 THEN NULL WHEN n % 50 = 0 THEN 500 ELSE 200 END`,
      durationMs: 'n % 900',
      createdAt: at(calls),
    },
    `"connectionId" = '${id}' AND "tenantId" = '${tenantId}'`,
  )
  await pool.query('VACUUM ANALYZE')
}
