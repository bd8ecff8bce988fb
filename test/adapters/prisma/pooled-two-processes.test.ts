import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { prismaRepositories } from '../../../src/adapters/prisma/prisma-repositories.ts'
import { instant } from '../../../src/testing/instant.ts'
import { newConnection } from '../../../src/testing/new-connection.ts'
import { newId } from '../../../src/testing/new-id.ts'
import { newOAuthState } from '../../../src/testing/new-oauth-state.ts'
import { pooledDatabases } from '../../support/pooled-databases.ts'
import type { PooledJob } from '../../support/pooled-job.ts'
import type { TestDatabase } from '../../support/postgres-database.ts'

const workerFile = fileURLToPath(new URL('../../support/pooled-worker.ts', import.meta.url))
const leaseMs = 60_000
const clockSkewMs = 10_000

for (const { name, missing, create, connect } of pooledDatabases) {
  describe.skipIf(missing !== null)(missing === null ? name : `${name} (skipped: ${missing})`, () => {
    let database: TestDatabase
    beforeAll(async () => {
      database = await create()
    })
    afterAll(() => database.drop())

    async function open() {
      const prisma = connect(database.url)
      const tenantId = randomUUID()
      await prisma.tenant.create({ data: { id: tenantId } })
      return { prisma, tenantId, repositories: prismaRepositories(prisma) }
    }

    /** A process with a job; it waits for its first line. */
    async function start(job: PooledJob) {
      const child = spawn(process.execPath, ['--import', 'tsx', workerFile, name, database.url, JSON.stringify(job)], {
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      onTestFinished(() => void child.kill('SIGKILL'))
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
      const next = async () => String((await lines.next()).value)
      expect(await next()).toBe('ready')
      return { child, next, say: () => void child.stdin.write('go\n') }
    }

    test('of two processes one consumes a state, one holds a refresh lease, and all failures count', async () => {
      const { prisma, tenantId, repositories } = await open()
      const states = Array.from({ length: 25 }, () => newOAuthState({ tenantId }))
      const [failing, ...leased] = Array.from({ length: 26 }, () =>
        newConnection({ tenantId, credentialsVersion: 1, isConnected: true }),
      )
      for (const state of states) await repositories.oauthStates.create(state)
      for (const connection of [failing, ...leased]) {
        if (connection !== undefined) await repositories.connections.create(connection)
      }
      const failureCount = 40
      const stateIds = states.map(({ id }) => id).sort()
      const leaseIds = leased.map(({ id }) => id).sort()
      const job = { kind: 'race', tenantId, stateIds, leaseIds, failingId: failing?.id ?? '', failureCount } as const
      const workers = await Promise.all(['one', 'two'].map((worker) => start({ ...job, worker })))
      for (const { say } of workers) say()
      const outcomes = await Promise.all(
        workers.map(
          async ({ next }) =>
            JSON.parse(await next()) as { consumed: string[]; leased: string[]; disabledCount: number },
        ),
      )

      expect(outcomes.flatMap(({ consumed }) => consumed).sort()).toEqual(stateIds)
      expect(outcomes.flatMap((outcome) => outcome.leased).sort()).toEqual(leaseIds)
      expect(outcomes.reduce((count, { disabledCount }) => count + disabledCount, 0)).toBe(1)
      expect(await prisma.connection.findUnique({ where: { id: failing?.id ?? '' } })).toMatchObject({
        authFailureCount: 2 * failureCount,
        isEnabled: false,
      })
    }, 60_000)

    test('a process that is stopped inside a page transaction has lost its lease when it wakes up, and writes nothing', async () => {
      const { prisma, tenantId, repositories } = await open()
      const connection = newConnection({ tenantId })
      await repositories.connections.create(connection)
      const ref = { tenantId, connectionId: connection.id, resourceType: 'orders' }
      const lease = { leaseMs, clockSkewMs, begin: 'resume' } as const
      const { syncStates } = repositories
      const state = await syncStates.acquire(ref, { ...lease, id: newId(), owner: 'stopped', at: instant(0) })
      const worker = await start({
        kind: 'stall',
        tenantId,
        connectionId: connection.id,
        fence: state?.fence ?? 0,
        timeoutMs: 2_000,
      })
      worker.say()
      expect(await worker.next()).toBe('inside')
      worker.child.kill('SIGSTOP')

      const at = instant(leaseMs + clockSkewMs + 2)
      const taken = await syncStates.acquire(ref, { ...lease, id: newId(), owner: 'alive', at })
      expect(taken).toMatchObject({ leaseOwner: 'alive', fence: 2 })
      worker.child.kill('SIGCONT')
      worker.say()
      const outcome = JSON.parse(await worker.next()) as unknown
      expect(outcome).toMatchObject({ late: 'LEASE_LOST' })
      expect(await prisma.tenant.findUnique({ where: { id: tenantId } })).toMatchObject({ name: '' })
      expect(await prisma.syncState.findFirst({ where: { connectionId: connection.id } })).toMatchObject({
        leaseOwner: 'alive',
        revision: 0,
      })
    }, 60_000)
  })
}
