import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { prismaRepositories } from '../../src/adapters/prisma/prisma-repositories.ts'
import { isConnectorsError } from '../../src/core/domain/errors.ts'
import { instant } from '../../src/testing/instant.ts'
import { openMariadbClient, openPostgresqlClient } from './pooled-clients.ts'
import type { PooledJob } from './pooled-job.ts'

/**
 * One of several processes on one database. Says `ready`, does its job at the first line on stdin, and writes what came of
 * it as a line of JSON. Arguments: name of the database, its url, the job.
 */
const [name = '', url = '', json = ''] = process.argv.slice(2)
const job = JSON.parse(json) as PooledJob
const prisma = name === 'MariaDB' ? openMariadbClient(url) : openPostgresqlClient(url)
const repositories = prismaRepositories(prisma)
const { connections, oauthStates, syncStates } = repositories
const lines = createInterface({ input: process.stdin })
const tell = (line: string) => void process.stdout.write(`${line}\n`)

await prisma.$connect()
tell('ready')
await once(lines, 'line')
tell(JSON.stringify(job.kind === 'race' ? await race(job) : await stall(job)))
await prisma.$disconnect()
process.exit(0)

/** Takes what only one process may have, and counts failures. */
async function race({ tenantId, worker, stateIds, leaseIds, failingId, failureCount }: PooledJob & { kind: 'race' }) {
  const consumed = stateIds.map(async (id) =>
    (await oauthStates.consume({ id, at: instant(0) })) === null ? [] : [id],
  )
  const leased = leaseIds.map(async (id) => {
    const lease = { owner: worker, at: instant(0), leaseMs: 60_000, clockSkewMs: 0, expectedCredentialsVersion: 1 }
    return (await connections.acquireRefreshLease({ tenantId, id }, lease)) === null ? [] : [id]
  })
  const failures = Array.from({ length: failureCount }, () =>
    connections.recordAuthFailure(
      { tenantId, id: failingId },
      {
        at: instant(1),
        reason: worker,
        threshold: 2 * failureCount,
        credentialsVersion: 1,
        disconnect: false,
        needsReauthorization: false,
      },
    ),
  )
  return {
    consumed: (await Promise.all(consumed)).flat(),
    leased: (await Promise.all(leased)).flat(),
    disabledCount: (await Promise.all(failures)).filter((end) => end?.before.isEnabled && !end.after.isEnabled).length,
  }
}

/** Begins to commit a page, and ends it only at the next line; answers the code of the error. */
async function stall({ tenantId, connectionId, fence, timeoutMs }: PooledJob & { kind: 'stall' }) {
  const ref = { tenantId, connectionId, resourceType: 'orders' }
  try {
    await repositories.transaction(
      async ({ repositories: bound, tx }) => {
        await bound.syncStates.renew(ref, { fence, at: instant(1), leaseMs: 60_000 })
        await tx.tenant.update({ where: { id: tenantId }, data: { name: 'written by the stopped one' } })
        tell('inside')
        await once(lines, 'line')
      },
      { timeoutMs, maxWaitMs: 5_000 },
    )
    return null
  } catch (error) {
    if (!isConnectorsError(error)) throw error
    // What it does next, still believing in its lease. Connections of its pool may have been cut while it was stopped.
    let late = 'STORE_UNAVAILABLE'
    for (let attempt = 0; attempt < 10 && late === 'STORE_UNAVAILABLE'; attempt += 1) {
      late = await syncStates.renew(ref, { fence, at: instant(2), leaseMs: 60_000 }).then(
        () => 'renewed',
        (failure: unknown) => (isConnectorsError(failure) ? failure.code : String(failure)),
      )
    }
    return { code: error.code, late }
  }
}
