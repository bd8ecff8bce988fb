import type { Checklist } from './checklist.ts'
import type { DemoConnections, DemoTenant } from './connect-tenants.ts'
import { counted } from './counted.ts'
import { runSync } from './run-sync.ts'
import type { DemoWorld } from './start-demo-world.ts'

/** What the recordings hold. */
const issueCount = 13
const pageCount = 5

/** Syncs the issues of both tenants page by page, twice: the second run finds nothing new. */
export async function syncIssues(
  { connectors, isQueued, prisma, server }: DemoWorld,
  connections: DemoConnections,
  checklist: Checklist,
): Promise<void> {
  let page = 0
  const unsubscribe = connectors.on('sync.pageCommitted', ({ tenantId, itemCount, hasMore }) => {
    page += 1
    const items = itemCount === 0 ? 'nothing new' : counted(itemCount, 'issue')
    console.log(`  ${tenantId.padEnd(6)}  page ${page}: ${items}${hasMore ? '' : ', the end'}`)
  })
  const run = async (tenantId: DemoTenant) => {
    page = 0
    const before = server.requests.length
    const result = await runSync(connectors, { tenantId, connectionId: connections[tenantId], isQueued })
    const paths = server.requests.slice(before).map(({ path }) => path)
    const counts = `${counted(result.itemCount, 'issue')}, ${counted(result.pageCount, 'page')}`
    return { outcome: result.status === 'completed' ? counts : result.status, paths }
  }
  const rowsOf = (tenantId: DemoTenant) => prisma.issue.findMany({ where: { tenantId }, orderBy: { number: 'asc' } })

  for (const tenantId of ['acme', 'globex'] as const) {
    const first = await run(tenantId)
    const rows = await rowsOf(tenantId)
    const isWhole = rows.every(({ number }, index) => number === index + 1)
    checklist.expect(`${tenantId}: first run`, `${issueCount} issues, ${pageCount} pages`, first.outcome)
    checklist.expect(`${tenantId}: rows in its own table`, issueCount, isWhole ? rows.length : 'not 1, 2, 3, …')

    // Asks for what changed since the newest instant: one page, with nothing on it that was not handled before.
    const second = await run(tenantId)
    const askedTwice = second.paths.filter((path) => first.paths.includes(path))
    checklist.expect(`${tenantId}: second run`, '0 issues, 1 page', second.outcome)
    checklist.expect(`${tenantId}: requests of both runs`, pageCount + 1, first.paths.length + second.paths.length)
    checklist.expect(`${tenantId}: pages fetched twice`, 0, askedTwice.length)
    checklist.expect(`${tenantId}: rows are as they were`, true, isSame(rows, await rowsOf(tenantId)))
  }
  unsubscribe()
  checklist.expect('rows of both tenants, none shared', 2 * issueCount, await prisma.issue.count())
}

function isSame(before: readonly unknown[], after: readonly unknown[]): boolean {
  return JSON.stringify(before) === JSON.stringify(after)
}
