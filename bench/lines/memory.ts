import { openDatabase, openLibrary } from '../support/database.ts'
import { report } from '../support/report.ts'

// A million items in ten thousand pages: what is resident after a thousand of them is what a run needs.
const database = await openDatabase({ max: 4 })
const pages = 10_000
const { connectors, tenant, connectionId } = await openLibrary(database, {
  settings: { url: 'http://127.0.0.1:9', pages },
})
const resident = () => {
  globalThis.gc?.()
  return process.memoryUsage().rss / 2 ** 20
}

let handled = 0
let pageCount = 0
let before = Number.NaN
const startedAt = performance.now()
const result = await tenant.sync.run(connectionId, 'items', {
  onPage: async ({ items }) => {
    handled += items.length
    pageCount += 1
    if (pageCount === 1_000) before = resident()
  },
})
const seconds = (performance.now() - startedAt) / 1_000
if (result.status !== 'completed' || handled !== 1_000_000)
  throw new Error(`The run ended as ${result.status} after ${handled}.`)
const after = resident()
report({
  name: 'memory',
  what: 'sync of 1,000,000 items in one run: growth of the resident set',
  reference: `what is resident after 1,000 of 10,000 pages (${before.toFixed(0)} MB)`,
  measured: after - before,
  unit: 'MB',
  spread: null,
  target: { atMost: 32 },
  contenders: [
    {
      name: 'page',
      perOperationUs: (seconds * 1e6) / pages,
      cpuUs: (process.cpuUsage().user + process.cpuUsage().system) / pages,
      operations: pages,
    },
  ],
})
await connectors.close()
await database.close()
