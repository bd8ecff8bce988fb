import { expect, onTestFinished, test } from 'vitest'
import { systemRandomness } from '../../src/adapters/node/system-randomness.ts'
import { prismaRepositories } from '../../src/adapters/prisma/prisma-repositories.ts'
import { operatorScope } from '../../src/core/domain/tenant.ts'
import { makeKeyring } from '../../src/core/services/keyring.ts'
import { createSecretSealer } from '../../src/core/services/secret-sealer.ts'
import { createVault } from '../../src/core/services/vault.ts'
import { newConnection } from '../../src/testing/new-connection.ts'
import { openPostgresqlClient } from '../support/pooled-clients.ts'
import { createPostgresDatabase } from '../support/postgres-database.ts'
import { createShopWorldOver, testKey } from '../support/shop-world.ts'

const rowCount = Number(process.env.REENCRYPT_ROWS ?? 300)
const writerCount = 8
const batchSize = 100
/** While a batch is sealed anew: so that there are as many rotations as it has rows to lose, and not as many as fit into the time. */
const rotationsPerBatch = 40

const old = { id: 'old', key: testKey(1) }
const renewed = { id: 'new', key: testKey(2) }
const sealerWith = (key: { readonly id: string; readonly key: string }) =>
  createSecretSealer(createVault(async () => makeKeyring([key]), systemRandomness))

test(`${rowCount} connections are sealed anew while ${writerCount} writers rotate credentials: each opens, none is lost`, async () => {
  const database = await createPostgresDatabase()
  const prisma = openPostgresqlClient(database.url, { max: writerCount + 2 })
  onTestFinished(async () => {
    await prisma.$disconnect()
    await database.drop()
  })
  await prisma.tenant.create({ data: { id: 'acme' } })
  const stored = prismaRepositories(prisma)

  /** The token that each connection has, as far as anybody was told. */
  const tokens = new Map<string, { token: string; version: number }>()
  const sealer = sealerWith(old)
  const provider = { tenantId: 'acme', providerFamily: 'shop', providerName: 'testshop' }
  const config = { url: 'https://shop.example.com', currency: 'EUR' }
  const rows = await Promise.all(
    Array.from({ length: rowCount }, async () => {
      const row = newConnection({ ...provider, config })
      tokens.set(row.id, { token: `first-${row.id}`, version: 1 })
      return {
        ...row,
        credentialsEncrypted: await sealer.sealCredentials(row, { token: `first-${row.id}` }),
        webhookSecretsEncrypted: await sealer.sealWebhookSecrets(row, [{ secret: `hook-${row.id}`, expiresAt: null }]),
      }
    }),
  )
  for (let from = 0; from < rowCount; from += 1_000) {
    await prisma.connection.createMany({ data: rows.slice(from, from + 1_000) })
  }
  const ids = rows.map(({ id }) => id).sort()

  let conflictCount = 0
  const watched = {
    ...stored,
    connections: {
      ...stored.connections,
      reseal: async (...args: Parameters<typeof stored.connections.reseal>) => {
        const written = await stored.connections.reseal(...args)
        if (written === null) conflictCount += 1
        return written
      },
    },
  }
  // A rolling deploy: what was started before the new key became the active one still seals with the old one.
  const before = await createShopWorldOver(stored, { encryption: { keys: [old, renewed] } })
  const after = await createShopWorldOver(watched, { encryption: { keys: [renewed, old] } })
  const { credentials } = after.connectors.operator

  let reached = 0
  let rotationCount = 0
  /** Rotations that may still be made before the re-encryption has gone on. */
  let allowance = 0
  let goOn = () => {}
  let goesOn: Promise<void> = Promise.resolve()
  const allow = () => {
    goOn()
    allowance = rotationsPerBatch
    goesOn = new Promise((resolve) => {
      goOn = resolve
    })
  }
  /** Rotates credentials of its own share, most of them where the re-encryption is reading and writing right now. */
  const writeUntil = async (isOver: () => boolean, writer: number, { connectors }: typeof before) => {
    for (let round = 0; !isOver(); round += 1) {
      const spread = round % 4 === 0 ? rowCount : batchSize
      const start = round % 4 === 0 ? 0 : reached
      const place = (start + Math.floor(Math.random() * (spread / writerCount)) * writerCount + writer) % rowCount
      const id = ids[place] ?? ''
      const known = tokens.get(id)
      if (known === undefined || place % writerCount !== writer) continue
      if (allowance <= 0) await goesOn
      allowance -= 1
      const token = `rotated-${writer}-${round}`
      await connectors.forTenant('acme').connections.rotateCredentials(id, { token })
      tokens.set(id, { token, version: known.version + 1 })
      rotationCount += 1
    }
  }
  const reencryptUnder = async (worldOf: (writer: number) => typeof before) => {
    reached = 0
    allow()
    let isOver = false
    const writers = Array.from({ length: writerCount }, (_, writer) =>
      writeUntil(() => isOver, writer, worldOf(writer)),
    )
    const onProgress = ({ connectionCount }: { connectionCount: number }) => {
      reached = connectionCount
      allow()
    }
    const result = await credentials.reencrypt({ batchSize, onProgress }).finally(() => {
      isOver = true
      goOn()
    })
    await Promise.all(writers)
    return result
  }

  const first = await reencryptUnder((writer) => (writer % 2 === 0 ? before : after))
  expect(first).toMatchObject({ connectionCount: rowCount, failedCount: 0 })
  // By now the new key is the active one everywhere.
  const second = await reencryptUnder(() => after)
  expect(second).toMatchObject({ status: 'completed', connectionCount: rowCount, waitingCount: 0, failures: [] })
  await credentials.assertUnused('old')
  expect((await credentials.keyUsage()).keys).toMatchObject([
    { id: 'new', valueCount: 2 * rowCount },
    { id: 'old', valueCount: 0 },
  ])

  const opener = sealerWith(renewed)
  let seenCount = 0
  for (let next: string | null = null; ; ) {
    const page = await stored.connections.list({ scope: operatorScope, filter: {}, limit: 500, after: next })
    for (const row of page.items) {
      seenCount += 1
      const { token, version } = tokens.get(row.id) ?? {}
      const opened = await opener.openCredentials(row)
      expect(opened).toEqual({ token })
      expect(row.credentialsVersion).toBe(version)
      expect(await opener.openWebhookSecrets(row, new Date())).toMatchObject([{ secret: `hook-${row.id}` }])
    }
    next = page.next
    if (next === null) break
  }
  expect(seenCount).toBe(rowCount)
  expect(rotationCount).toBeGreaterThan(rowCount / 10)
  expect(conflictCount).toBeGreaterThan(0)
  if (process.env.REENCRYPT_ROWS !== undefined) console.log({ rowCount, rotationCount, conflictCount, first, second })
}, 900_000)
