import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { openNotebookProcess } from './notebook-process.ts'
import type { RefreshJob } from './refresh-job.ts'

/**
 * A process whose calls find an expired token. Says `ready`, makes its calls at once at the first line on standard input,
 * and writes what became of them as a line of JSON. It may be told where to stand still: there it says `here`, and waits for
 * its end. Argument: the job.
 */
const job = JSON.parse(process.argv[2] ?? '') as RefreshJob
const reach = async (place: RefreshJob['place']) => {
  if (place !== job.place) return
  process.stdout.write('here\n')
  await new Promise(() => {})
}
const { connectors, notebook, close } = openNotebookProcess(job, (stored) => ({
  ...stored,
  connections: {
    ...stored.connections,
    acquireRefreshLease: async (...lease) => {
      const leased = await stored.connections.acquireRefreshLease(...lease)
      await reach('leased')
      return leased
    },
    replaceCredentials: async (...change) => {
      await reach('received')
      const written = await stored.connections.replaceCredentials(...change)
      await reach('written')
      return written
    },
  },
}))
let refreshedCount = 0
connectors.on('credentials.refreshed', () => {
  refreshedCount += 1
})
const adapter = await connectors.forTenant('acme').connections.adapter(job.connectionId, notebook)
process.stdout.write('ready\n')
await once(createInterface({ input: process.stdin }), 'line')

const calls = await Promise.allSettled(Array.from({ length: job.callCount }, () => adapter.whoAmI()))
const failures = calls.flatMap((call) => (call.status === 'rejected' ? [String(call.reason)] : []))
process.stdout.write(
  `${JSON.stringify({ refreshedCount, succeededCount: calls.length - failures.length, failures })}\n`,
)
await close()
process.stdin.destroy()
