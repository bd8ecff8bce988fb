import { randomUUID } from 'node:crypto'
import { describe, expect, onTestFinished, test } from 'vitest'
import { prismaRepositories } from '../../../src/adapters/prisma/prisma-repositories.ts'
import { instant } from '../../../src/testing/instant.ts'
import { newConnection } from '../../../src/testing/new-connection.ts'
import { newId } from '../../../src/testing/new-id.ts'
import { pooledDatabases } from '../../support/pooled-databases.ts'
import { tcpProxy } from '../../support/tcp-proxy.ts'

const leaseMs = 60_000
const clockSkewMs = 10_000

for (const { name, missing, create, connect } of pooledDatabases) {
  describe.skipIf(missing !== null)(missing === null ? name : `${name} (skipped: ${missing})`, () => {
    test('a process that falls silent inside a page transaction does not keep its lease from others', async () => {
      const database = await create()
      onTestFinished(() => database.drop())
      const { hostname, port } = new URL(database.url)
      const proxy = await tcpProxy(hostname, Number(port))
      const url = new URL(database.url)
      url.port = String(proxy.port)
      const silent = prismaRepositories(connect(url.href))
      const prisma = connect(database.url)
      const alive = prismaRepositories(prisma)

      const tenantId = randomUUID()
      await prisma.tenant.create({ data: { id: tenantId } })
      const connection = newConnection({ tenantId })
      await alive.connections.create(connection)
      const ref = { tenantId, connectionId: connection.id, resourceType: 'orders' }
      const lease = { leaseMs, clockSkewMs, begin: 'resume' } as const
      const state = await silent.syncStates.acquire(ref, { ...lease, id: newId(), owner: 'silent', at: instant(0) })

      let isInside = () => {}
      const inside = new Promise<void>((resolve) => {
        isInside = resolve
      })
      const page = silent.transaction(
        async ({ repositories, tx }) => {
          await repositories.syncStates.renew(ref, { fence: state?.fence ?? 0, at: instant(1), leaseMs })
          await tx.tenant.update({ where: { id: tenantId }, data: { name: 'written by the silent one' } })
          proxy.freeze()
          isInside()
          await new Promise(() => {})
        },
        { timeoutMs: 2_000, maxWaitMs: 5_000 },
      )
      const told = expect(page).rejects.toMatchObject({ code: 'HANDLER_TIMEOUT' })
      await inside
      const at = instant(leaseMs + clockSkewMs + 2)
      const taken = await alive.syncStates.acquire(ref, { ...lease, id: newId(), owner: 'alive', at })
      expect(taken).toMatchObject({ leaseOwner: 'alive', fence: 2 })
      expect(await prisma.tenant.findUnique({ where: { id: tenantId } })).toMatchObject({ name: '' })
      await told
      // Else its client would wait for a silent server when it disconnects.
      await proxy.close()
    }, 60_000)
  })
}
