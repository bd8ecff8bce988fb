import pg from 'pg'
import { expect, test } from 'vitest'
import { startEmbedded } from './postgres-server.ts'

test('a PostgreSQL of our own starts without anything installed, as root too, and leaves nothing behind', async () => {
  const server = await startEmbedded()
  const client = new pg.Client({ connectionString: server.url })
  client.on('error', () => {})
  await client.connect()
  expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  await client.end()
  await server.stop()
  await expect(new pg.Client({ connectionString: server.url }).connect()).rejects.toThrow()
}, 60_000)
