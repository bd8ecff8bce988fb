import { ConnectorsError, type OAuthState, type OAuthStateRepository } from 'bapp-connectors'
import type pg from 'pg'

/** Columns are named like the fields, so that a row is a record. */
export const oauthStateTable = `
  create table if not exists own_oauth_state (
    "id" text primary key,
    "tenantId" text not null,
    "providerFamily" text not null,
    "providerName" text not null,
    "contextEncrypted" text not null,
    "expiresAt" timestamptz(3) not null,
    "createdAt" timestamptz(3) not null
  )`

/** Authorizations on PostgreSQL, with `pg` alone: one statement a verb, so that of concurrent calls one wins. */
export function ownOAuthStates(pool: pg.Pool): OAuthStateRepository<string> {
  const query = async (sql: string, values: readonly unknown[]) => {
    try {
      return await pool.query<OAuthState<string>>(sql, [...values])
    } catch (cause) {
      throw new ConnectorsError('STORE_FAILED', 'PostgreSQL refused a statement; see the cause.', { cause })
    }
  }
  return {
    create: async (state) => {
      const { rowCount } = await query(
        'insert into own_oauth_state select * from json_populate_record(null::own_oauth_state, $1) on conflict do nothing',
        [JSON.stringify(state)],
      )
      if (rowCount !== 1) throw new ConnectorsError('CONFLICT', 'There is an authorization with this state already.')
    },
    consume: async ({ id, at }) => {
      const { rows } = await query('delete from own_oauth_state where "id" = $1 returning *', [id])
      return rows.find(({ expiresAt }) => expiresAt > at) ?? null
    },
    list: async ({ after = null, limit }) => {
      const page = 'select * from own_oauth_state where $1::text is null or "id" > $1 order by "id" limit $2'
      const { rows } = await query(page, [after, limit + 1])
      const items = rows.slice(0, limit)
      return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null }
    },
    prune: async ({ expiredBefore, limit }) => {
      const expired = 'select "id" from own_oauth_state where "expiresAt" < $1 limit $2'
      const { rowCount } = await query(`delete from own_oauth_state where "id" in (${expired})`, [expiredBefore, limit])
      return rowCount ?? 0
    },
  }
}
