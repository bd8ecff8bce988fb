import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { prismaRepositories } from '../../../src/adapters/prisma/prisma-repositories.ts'
import { type HeldStatements, heldStatements } from '../../support/held-statements.ts'
import { pooledDatabases } from '../../support/pooled-databases.ts'
import type { TestDatabase } from '../../support/postgres-database.ts'

const limits = { timeoutMs: 20_000, maxWaitMs: 10_000 }

for (const { name, missing, create, connect } of pooledDatabases) {
  const title = missing === null ? name : `${name} (skipped: ${missing})`
  describe.skipIf(missing !== null)(title, () => {
    let database: TestDatabase
    beforeAll(async () => {
      database = await create()
    })
    afterAll(() => database.drop())

    /** A client whose transactions stop before they write an issue, and an operation of several statements that does. */
    async function open() {
      const setUp: { held?: HeldStatements } = {}
      const prisma = connect(database.url, {
        between: (factory) => {
          setUp.held = heldStatements(factory, (sql) => /^(INSERT|UPDATE)\W.*Issue/.test(sql))
          return setUp.held.adapter
        },
      })
      if (setUp.held === undefined) throw new Error('the client has no driver adapter')
      const tenantId = randomUUID()
      await prisma.tenant.create({ data: { id: tenantId } })
      const issue = { connectionId: 'c', title: 't', state: 'open', updatedAt: new Date(0) }
      return {
        held: setUp.held,
        repositories: prismaRepositories(prisma),
        /** Writes the tenant, then, in another statement, an issue. */
        addIssue: (tx: Pick<typeof prisma, 'tenant'>, number = 1) =>
          tx.tenant.update({
            where: { id: tenantId },
            data: { name: 'written', issues: { create: [{ ...issue, id: randomUUID(), number }] } },
          }),
        rename: (tx: Pick<typeof prisma, 'tenant'>) =>
          tx.tenant.updateMany({ where: { id: tenantId }, data: { name: 'renamed' } }),
        written: async () => ({
          name: (await prisma.tenant.findUniqueOrThrow({ where: { id: tenantId } })).name,
          issueCount: await prisma.issue.count({ where: { tenantId } }),
        }),
      }
    }

    test('the rest of an operation that HANDLER_TIMEOUT overtook is not written after the rollback', async () => {
      const { held, repositories, addIssue, written } = await open()
      const attempt = repositories.transaction(({ tx }) => addIssue(tx), { ...limits, timeoutMs: 500 })
      await expect(attempt).rejects.toMatchObject({ code: 'HANDLER_TIMEOUT' })
      await held.letGo()
      await held.isRolledBack
      expect(await written()).toEqual({ name: '', issueCount: 0 })
    })

    test('the rest of an operation that nobody awaited is not written after the rollback', async () => {
      const { held, repositories, addIssue, written } = await open()
      const attempt = repositories.transaction(async ({ tx }) => {
        addIssue(tx).catch(() => {})
        await held.isHeld
        throw new Error('of the work')
      }, limits)
      await expect(attempt).rejects.toThrow('of the work')
      await held.letGo()
      await held.isRolledBack
      expect(await written()).toEqual({ name: '', issueCount: 0 })
    })

    test('an operation that nobody awaited is committed in full', async () => {
      const { held, repositories, addIssue, written } = await open()
      const attempt = repositories.transaction(async ({ tx }) => {
        addIssue(tx).catch(() => {})
        await held.isHeld
      }, limits)
      await held.isHeld
      const released = held.letGo()
      await attempt
      await released
      expect(await written()).toEqual({ name: 'written', issueCount: 1 })
    })

    test('an operation that nobody awaited has no more time than the transaction', async () => {
      const { held, repositories, addIssue, written } = await open()
      const attempt = repositories.transaction(
        async ({ tx }) => {
          addIssue(tx).catch(() => {})
        },
        { ...limits, timeoutMs: 500 },
      )
      await expect(attempt).rejects.toMatchObject({ code: 'HANDLER_TIMEOUT' })
      await held.letGo()
      await held.isRolledBack
      expect(await written()).toEqual({ name: '', issueCount: 0 })
    })

    test('what work that was overtaken asks for later is refused', async () => {
      const { held, repositories, addIssue, written } = await open()
      let askLater = (): Promise<unknown> => Promise.resolve()
      const attempt = repositories.transaction(
        async ({ tx }) => {
          askLater = () => addIssue(tx, 2)
          await addIssue(tx)
        },
        { ...limits, timeoutMs: 500 },
      )
      await expect(attempt).rejects.toMatchObject({ code: 'HANDLER_TIMEOUT' })
      const isRefused = { code: 'STORE_FAILED', message: expect.stringContaining('is over') }
      await expect(askLater()).rejects.toMatchObject(isRefused)
      await held.letGo()
      await held.isRolledBack
      await expect(askLater()).rejects.toMatchObject(isRefused)
      expect(await written()).toEqual({ name: '', issueCount: 0 })
    })

    test('a savepoint that is open when time is up goes with the transaction', async () => {
      const { held, repositories, addIssue, rename, written } = await open()
      const attempt = repositories.transaction(
        async ({ tx }) => {
          await rename(tx)
          await tx.$transaction((nested) => addIssue(nested as typeof tx).catch(() => {}))
        },
        { ...limits, timeoutMs: 500 },
      )
      await expect(attempt).rejects.toMatchObject({ code: 'HANDLER_TIMEOUT' })
      await held.letGo()
      await held.isRolledBack
      expect(await written()).toEqual({ name: '', issueCount: 0 })
    })
  })
}
