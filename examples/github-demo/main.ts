import { breakCredentials } from './break-credentials.ts'
import { captureOutput } from './capture-output.ts'
import { checkAuditTrail } from './check-audit-trail.ts'
import { checkIsolation } from './check-isolation.ts'
import { checkSecrecy } from './check-secrecy.ts'
import { createChecklist } from './checklist.ts'
import { connectTenants } from './connect-tenants.ts'
import { countOf } from './count-of.ts'
import { formatSummary } from './format-summary.ts'
import { openDemoQueue } from './open-demo-queue.ts'
import { plantSecrets } from './plant-secrets.ts'
import { receiveWebhooks } from './receive-webhooks.ts'
import { startDemoWorld } from './start-demo-world.ts'
import { syncIssues } from './sync-issues.ts'

const queue = await openDemoQueue(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exit(2)
})
const startedAt = performance.now()
const isColored = process.stdout.isTTY === true && !process.env.NO_COLOR
const output = captureOutput()
const checklist = createChecklist()
const world = await startDemoWorld(plantSecrets(), queue)

/** Says what comes and does it; what it throws becomes a failed line of the summary. */
async function chapter<R>(title: string, work: () => Promise<R>): Promise<R | null> {
  console.log(title)
  checklist.chapter(title)
  try {
    return await work()
  } catch (error) {
    console.error(error)
    checklist.expect('goes to its end', true, error instanceof Error ? error.message : String(error))
    return null
  } finally {
    console.log('')
  }
}

const jobsAre = queue === null ? '' : ` Syncs and deliveries are jobs of ${queue.queue.engine}.`
console.log(`GitHub is replayed from recordings, the database is a SQLite file.${jobsAre}\n`)
try {
  const connections = await chapter('Two tenants connect to GitHub', () => connectTenants(world, checklist))
  if (connections !== null) {
    await chapter('They sync the issues of a repository', () => syncIssues(world, connections, checklist))
    await chapter('GitHub delivers webhooks', () => receiveWebhooks(world, connections, checklist))
    await chapter('GitHub revokes a token', () => breakCredentials(world, connections, checklist))
    await chapter('globex reaches for what is acme’s', () => checkIsolation(world, connections, checklist))
    await chapter('The audit trail names every request', () => checkAuditTrail(world, checklist))
  }
  if (queue !== null) {
    await chapter(`A worker did the jobs of ${queue.queue.engine}`, async () => {
      await world.drain()
      checklist.expect('syncs', 4, countOf(world.jobsDone, 'sync.incremental'))
      checklist.expect('a job for each delivery', true, countOf(world.jobsDone, 'webhook.process') >= 2 * 329)
    })
  }
  await world.connectors.close()
  await chapter('No planted secret can be read anywhere', () => {
    const printed = output.text() + formatSummary(checklist.checks, { isColored: false })
    return checkSecrecy(world, printed, checklist)
  })
} finally {
  await world.stop()
  output.restore()
}

const failedCount = checklist.checks.filter(({ isPassed }) => !isPassed).length
const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
console.log(formatSummary(checklist.checks, { isColored }))
console.log(
  failedCount === 0
    ? `\nAll ${checklist.checks.length} checks passed in ${seconds} s.`
    : `\n${failedCount} of ${checklist.checks.length} checks FAILED, after ${seconds} s.`,
)
process.exitCode = failedCount === 0 ? 0 : 1
