import { randomUUID } from 'node:crypto'
import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { PrismaPg } from '@prisma/adapter-pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { PrismaClient as MysqlClient } from '../../../generated/prisma-mysql/client/client.ts'
import { PrismaClient } from '../../../generated/prisma-postgresql/client/client.ts'
import { prismaRepositories } from '../../../src/adapters/prisma/prisma-repositories.ts'
import { instant } from '../../../src/testing/instant.ts'
import { newConnection } from '../../../src/testing/new-connection.ts'
import { newExecutionLog } from '../../../src/testing/new-execution-log.ts'
import { newWebhookEvent } from '../../../src/testing/new-webhook-event.ts'
import { createMysqlDatabase, mysqlMissing } from '../../support/mysql-database.ts'
import { createPostgresDatabase, type TestDatabase } from '../../support/postgres-database.ts'

const at = instant(0)
const lease = { id: 'state', owner: 'me', at, leaseMs: 1_000, clockSkewMs: 0, begin: 'resume' } as const

/** The statements of each verb, BEGIN not counted: Prisma doesn't tell of it. */
async function statements(prisma: PrismaClient, log: string[]): Promise<Readonly<Record<string, number>>> {
  const tenantId = randomUUID()
  await prisma.tenant.create({ data: { id: tenantId } })
  const repositories = prismaRepositories(prisma)
  const { connections, syncStates, webhookEvents, executionLogs, oauthStates } = repositories
  const connection = newConnection({ tenantId })
  const owner = { tenantId, connectionId: connection.id }
  const event = newWebhookEvent(owner)
  const ref = { ...owner, resourceType: 'issues' }
  const scope = { kind: 'operator' } as const
  const failure = {
    at,
    reason: '',
    threshold: 3,
    credentialsVersion: 1,
    disconnect: false,
    needsReauthorization: false,
  }
  const progress = { fence: 1, revision: 0, at, cursor: null, trail: null, itemCount: 1, complete: false }
  const authorization = { id: randomUUID(), tenantId, providerFamily: 'a', providerName: 'b', contextEncrypted: '' }
  const counts: Record<string, number> = {}
  const count = async (verb: string, call: () => Promise<unknown>) => {
    const before = log.length
    await call()
    // Query events are delivered a moment later.
    await new Promise((resolve) => setImmediate(resolve))
    counts[verb] = log.length - before
  }
  await count('create', () => connections.create(connection))
  await count('find', () => connections.find({ scope, id: connection.id }))
  await count('update', () => connections.update(connection, { at, expectedVersion: 1, patch: { displayName: 'x' } }))
  await count('recordAuthFailure', () => connections.recordAuthFailure(connection, failure))
  const outage = { at, untilAt: at, reason: 'away', credentialsVersion: 1, seenPauseCount: 0 }
  await count('pause', () => connections.pause(connection, outage))
  await count('acquireProbe', () => connections.acquireProbe(connection, lease))
  await count('resume', () => connections.resume(connection, { at, answer: null }))
  await count('first acquire', () => syncStates.acquire(ref, lease))
  await count('renew', () => syncStates.renew(ref, { fence: 1, at, leaseMs: 1 }))
  await count('commit', () => syncStates.commit(ref, progress))
  await count('acquire', () => syncStates.acquire(ref, { ...lease, at: instant(9_000) }))
  await count('insertIfAbsent', () => webhookEvents.insertIfAbsent(event))
  await count('a duplicate', () => webhookEvents.insertIfAbsent({ ...event, id: randomUUID() }))
  await count('claim', () => webhookEvents.claim(event, { at, leaseMs: 1_000, handled: 'all' }))
  await count('complete', () => webhookEvents.complete(event, { attempt: 1, at }))
  await count('appendMany', () => executionLogs.appendMany([newExecutionLog(owner), newExecutionLog(owner)]))
  await count('authorize', () => oauthStates.create({ ...authorization, expiresAt: at, createdAt: at }))
  await count('consume', () => oauthStates.consume({ id: authorization.id, at }))
  await count('an empty transaction', () =>
    repositories.transaction(async () => {}, { timeoutMs: 9_000, maxWaitMs: 9_000 }),
  )
  await syncStates.acquire(ref, { ...lease, at: instant(99_000) })
  await count('a transaction that ends with a write of ours', () =>
    repositories.transaction(({ repositories: bound }) => bound.syncStates.renew(ref, { fence: 3, at, leaseMs: 1 }), {
      timeoutMs: 9_000,
      maxWaitMs: 9_000,
    }),
  )
  return counts
}

/** Also when the test fails. */
function closeAfterTest(prisma: Pick<PrismaClient, '$disconnect'>, database: TestDatabase) {
  onTestFinished(async () => {
    await prisma.$disconnect()
    await database.drop()
  })
}

const log = [{ emit: 'event', level: 'query' }] as const

test('each verb takes as many statements on PostgreSQL as the documentation says', async () => {
  const database = await createPostgresDatabase()
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: database.url }), log: [...log] })
  closeAfterTest(prisma, database)
  const queries: string[] = []
  prisma.$on('query', ({ query }) => queries.push(query))
  expect(await statements(prisma, queries)).toEqual({
    create: 1,
    find: 1,
    update: 1,
    recordAuthFailure: 4, // with the server's limits, and COMMIT
    pause: 1,
    acquireProbe: 1,
    resume: 1,
    'first acquire': 4,
    renew: 1,
    commit: 1,
    acquire: 1,
    insertIfAbsent: 2, // the first one, with the look whether our own statement means the same table
    'a duplicate': 1,
    claim: 1,
    complete: 1,
    appendMany: 1,
    authorize: 1,
    consume: 1,
    'an empty transaction': 3, // the server's limits, its pulse, and COMMIT
    'a transaction that ends with a write of ours': 3, // which shows that it has a pulse
  })
})

describe.skipIf(mysqlMissing !== null)(mysqlMissing ?? 'MariaDB', () => {
  test('each verb takes as many statements on MariaDB as the documentation says', async () => {
    const database = await createMysqlDatabase()
    const prisma = new MysqlClient({ adapter: new PrismaMariaDb(database.url), log: [...log] })
    closeAfterTest(prisma, database)
    const queries: string[] = []
    prisma.$on('query', ({ query }) => queries.push(query))
    // One schema: nothing is used that only one of the two clients has.
    expect(await statements(prisma as unknown as PrismaClient, queries)).toEqual({
      create: 1,
      find: 1,
      update: 5, // with the look at the row, the server's limit, and COMMIT
      recordAuthFailure: 7, // with the look at the row before and after
      pause: 5,
      acquireProbe: 5,
      resume: 5,
      'first acquire': 4,
      renew: 2,
      commit: 2,
      acquire: 5,
      insertIfAbsent: 1,
      'a duplicate': 4, // after the insert that was refused, which isn't told of
      claim: 5,
      complete: 2,
      appendMany: 1,
      authorize: 1,
      consume: 4,
      'an empty transaction': 2, // the server's limit, and COMMIT; savepoints aren't told of
      'a transaction that ends with a write of ours': 4,
    })
  })
})
