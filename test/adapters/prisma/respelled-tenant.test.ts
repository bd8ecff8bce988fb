import { randomUUID } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import { expect, onTestFinished, test } from 'vitest'
import { PrismaClient } from '../../../generated/prisma-postgresql-uuid/client/client.ts'
import { prismaRepositories } from '../../../src/adapters/prisma/prisma-repositories.ts'
import { notebookApp } from '../../support/notebook-server.ts'
import { createNotebookWorld, hour } from '../../support/notebook-world.ts'
import { createPostgresDatabase } from '../../support/postgres-database.ts'

/** PostgreSQL takes a uuid in capitals for the same one, and answers it in small letters. */
async function givenTenant() {
  const database = await createPostgresDatabase('prisma-postgresql-uuid')
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: database.url, max: 4 }) })
  onTestFinished(async () => {
    await prisma.$disconnect()
    await database.drop()
  })
  const tenantId = randomUUID()
  await prisma.tenant.create({ data: { id: tenantId } })
  const oauth = { baseUrl: 'https://app.test/oauth', apps: { notebook: notebookApp } }
  const world = await createNotebookWorld({ repositories: prismaRepositories(prisma), options: { oauth } })
  return { ...world, prisma, tenantId, capitals: tenantId.toUpperCase() }
}

test('a consent is begun and ended by the very tenant id that the database keeps, and no other spelling of it', async () => {
  const { connectors, provider, prisma, tenantId, capitals } = await givenTenant()
  const consent = { provider, actor: 'ann', settings: { region: 'eu' } } as const
  await expect(connectors.forTenant(capitals).oauth.authorize(consent)).rejects.toMatchObject({
    code: 'INVALID_TENANT_ID',
  })
  expect(await prisma.oAuthState.count()).toBe(0)
  const { url, cookie } = await connectors.forTenant(tenantId).oauth.authorize(consent)
  const state = new URL(url).searchParams.get('state')
  const returned = {
    provider: 'notebook',
    url: `https://app.test/oauth/callback/notebook?code=c&state=${state}`,
    cookie: cookie?.split(';')[0] ?? null,
  }
  await expect(connectors.forTenant(capitals).oauth.callback(returned)).resolves.toMatchObject({
    status: 'refused',
    reason: 'otherTenant',
  })
})

test('credentials are refreshed for the very tenant id that the database keeps, and no other spelling of it', async () => {
  const { connectors, provider, repositories, connect, clock, server, tenantId, capitals } = await givenTenant()
  const { id, adapter, row } = await connect('ada', tenantId)
  await clock.advance(hour)
  const other = { tenantId: capitals, id }
  const at = clock.now()
  const lease = { owner: 'other', at, leaseMs: hour, clockSkewMs: 0, expectedCredentialsVersion: 1 }
  const untouched = await row()
  expect(await repositories.connections.acquireRefreshLease(other, lease)).toBeNull()
  const change = { at, expectedCredentialsVersion: 1, credentialsEncrypted: 'v1.k.n.c' }
  const times = { tokenExpiresAt: null, tokenRefreshAt: null }
  expect(await repositories.connections.replaceCredentials(other, { ...change, ...times })).toBeNull()
  expect(await row()).toEqual(untouched)
  await expect(connectors.forTenant(capitals).connections.adapter(id, provider)).rejects.toMatchObject({
    code: 'CONNECTION_NOT_FOUND',
  })
  expect(server.refreshes).toEqual([])

  await expect(adapter.whoAmI()).resolves.toEqual({ sub: 'ada' })
  await clock.advance(hour)
  expect(await connectors.operator.credentials.refreshDue()).toMatchObject([{ tenantId, status: 'refreshed' }])
  expect(await row()).toMatchObject({ tenantId, credentialsVersion: 3, refreshLeaseOwner: null })
  expect(server.reuseCount()).toBe(0)
})

test('a sync goes on for the very tenant id that the database keeps, and no other spelling of it', async () => {
  const { repositories, connect, clock, tenantId, capitals } = await givenTenant()
  const { id: connectionId } = await connect('ada', tenantId)
  const { syncStates } = repositories
  const [ref, other] = [tenantId, capitals].map((each) => ({ tenantId: each, connectionId, resourceType: 'notes' }))
  if (ref === undefined || other === undefined) throw new Error('there are two spellings')
  const at = clock.now()
  const id = randomUUID()
  const held = await syncStates.acquire(ref, { id, owner: 'me', at, leaseMs: hour, clockSkewMs: 0, begin: 'resume' })
  const fence = held?.fence ?? 0
  await expect(syncStates.renew(other, { fence, at, leaseMs: 1 })).rejects.toMatchObject({ code: 'LEASE_LOST' })
  await expect(syncStates.renew(ref, { fence, at, leaseMs: hour })).resolves.toBeUndefined()
})
