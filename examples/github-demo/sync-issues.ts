import type { Checklist } from './checklist.ts'
import type { DemoConnections, DemoTenant } from './connect-tenants.ts'
import type { DemoWorld } from './start-demo-world.ts'

/** What the recordings hold: 13 issues on 5 pages. */
const recordedIssues = 13
const recordedPages = 5

/** Syncs the issues of both tenants page by page, twice: the second run finds nothing new. */
export async function syncIssues(
  { connectors, prisma, server }: DemoWorld,
  connections: DemoConnections,
  checklist: Checklist,
): Promise<void> {
  let pageCount = 0
  const unsubscribe = connectors.on('sync.pageCommitted', ({ tenantId, itemCount, hasMore }) => {
    pageCount += 1
    const progress = hasMore ? `page ${pageCount}` : `page ${pageCount}, the last one`
    console.log(`  ${tenantId.padEnd(6)}  ${itemCount} new issues on ${progress}`)
  })
  const run = async (tenantId: DemoTenant) => {
    pageCount = 0
    const before = server.requests.length
    const result = await connectors.forTenant(tenantId).sync.run(connections[tenantId], 'issues')
    const paths = server.requests.slice(before).map(({ path }) => path)
    const outcome = `${result.status}: ${result.itemCount} issues, ${paths.length} requests`
    return { outcome, pages: result.pageCount, paths }
  }
  const rowsOf = (tenantId: DemoTenant) => prisma.issue.findMany({ where: { tenantId }, orderBy: { number: 'asc' } })

  for (const tenantId of ['acme', 'globex'] as const) {
    const first = await run(tenantId)
    const rows = await rowsOf(tenantId)
    const expected = `completed: ${recordedIssues} issues, ${recordedPages} requests`
    checklist.expect(`${tenantId}: first run`, expected, first.outcome)
    checklist.expect(`${tenantId}: pages committed`, recordedPages, first.pages)
    checklist.expect(`${tenantId}: numbers in its own table`, numbersUpTo(recordedIssues), numbersOf(rows))

    // Asks from the newest instant on: one page, with nothing on it that is new.
    const second = await run(tenantId)
    checklist.expect(`${tenantId}: second run`, 'completed: 0 issues, 1 requests', second.outcome)
    checklist.expect(
      `${tenantId}: pages asked for twice`,
      0,
      second.paths.filter((path) => first.paths.includes(path)).length,
    )
    checklist.expect(`${tenantId}: rows are as they were`, true, isSame(rows, await rowsOf(tenantId)))
  }
  unsubscribe()
  checklist.expect('rows of both, none of them shared', 2 * recordedIssues, await prisma.issue.count())
}

function numbersUpTo(last: number): string {
  return Array.from({ length: last }, (_, index) => index + 1).join(' ')
}

function numbersOf(rows: readonly { readonly number: number }[]): string {
  return rows.map(({ number }) => number).join(' ')
}

function isSame(before: readonly unknown[], after: readonly unknown[]): boolean {
  return JSON.stringify(before) === JSON.stringify(after)
}
