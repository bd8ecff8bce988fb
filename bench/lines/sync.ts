import type { PrismaClient } from '../../generated/prisma-postgresql/client/client.ts'
import { type BenchItem, itemsOfPage } from '../support/bench-provider.ts'
import { openDatabase, openLibrary } from '../support/database.ts'
import { type Contestant, interleave } from '../support/interleave.ts'
import { report } from '../support/report.ts'

type Tx = Parameters<Parameters<PrismaClient['$transaction']>[0]>[0]

/** How a user stores a page. */
type Store = (tx: Tx, items: readonly BenchItem[]) => Promise<void>

const byRow: Store = async (tx, items) => {
  for (const { id, number, title } of items) {
    const issue = {
      tenantId: 'bench-tenant',
      connectionId: 'bench',
      number,
      title,
      state: 'open',
      updatedAt: new Date(0),
    }
    await tx.issue.upsert({ where: { id }, create: { id, ...issue }, update: issue })
  }
}

const byPage: Store = async (tx, items) => {
  await tx.$executeRaw`
    INSERT INTO "Issue" (id, "tenantId", "connectionId", number, title, state, "updatedAt")
    SELECT id, 'bench-tenant', 'bench', number, title, 'open', '1970-01-01'
    FROM jsonb_to_recordset(${JSON.stringify(items)}::jsonb) AS item (id text, number int, title text)
    ON CONFLICT (id) DO UPDATE SET number = excluded.number, title = excluded.title, state = excluded.state`
}

for (const { name, store, rounds, pagesPerTurn, how } of [
  { name: 'rows', store: byRow, rounds: 12, pagesPerTurn: 5, how: 'an upsert per item' },
  { name: 'pages', store: byPage, rounds: 20, pagesPerTurn: 50, how: 'one statement per page' },
]) {
  const database = await openDatabase()
  const { prisma } = database
  await prisma.$executeRaw`CREATE TABLE own_cursor (name text PRIMARY KEY, cursor text NOT NULL)`
  const { connectors, tenant, connectionId } = await openLibrary(database, {
    settings: { url: 'http://127.0.0.1:9', pages: 1_000_000 },
  })
  const onPage = { onPage: async ({ items, tx }: { items: readonly BenchItem[]; tx: Tx }) => store(tx, items) }

  let cursor = 0
  const contestants: readonly [Contestant, Contestant] = [
    {
      name: 'hand-written',
      work: async () => {
        for (let page = 0; page < pagesPerTurn; page += 1) {
          const items = itemsOfPage(cursor)
          await prisma.$transaction(async (tx) => {
            await store(tx, items)
            const next = JSON.stringify(cursor + 1)
            await tx.$executeRaw`
              INSERT INTO own_cursor VALUES ('items', ${next}) ON CONFLICT (name) DO UPDATE SET cursor = excluded.cursor`
          })
          cursor += 1
        }
        return pagesPerTurn
      },
    },
    {
      name: 'sync.run',
      work: async () => {
        const result = await tenant.sync.run(connectionId, 'items', { maxPages: pagesPerTurn, ...onPage })
        if (result.status !== 'partial') throw new Error(`A run ended as ${result.status}.`)
        return result.pageCount
      },
    },
  ]
  const compared = await interleave(contestants, { rounds, turnMs: 0 })
  const { ratio, spread } = compared.speed('sync.run')
  report({
    name: `sync/${name}`,
    what: `sync of pages of 100 items, ${how}: wall`,
    reference: 'the same loop by hand with Prisma, cursor saved per page',
    measured: 1 / ratio,
    unit: 'x',
    spread: [1 / spread[1], 1 / spread[0]],
    target: { atMost: 1.1 },
    contenders: compared.contenders,
  })
  await connectors.close()
  await database.close()
}
