import type { Prisma } from '../../generated/prisma-sqlite/client/client.ts'
import type { MemoryTransaction } from '../../src/adapters/memory/memory-repositories.ts'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { prismaRepositories } from '../../src/adapters/prisma/prisma-repositories.ts'
import type { Repositories } from '../../src/core/ports/repositories.ts'
import { temporarySqlite } from './temporary-sqlite.ts'

/** A store with a table of the user's, for what handlers write. Knows the tenants `acme` and `globex`. */
export interface TestStore {
  readonly repositories: Repositories<string, unknown>
  /** Writes a row of the user's in a transaction; a key that exists is an error. */
  readonly write: (tx: unknown, key: string) => Promise<void>
  /** The keys that were committed, sorted. */
  readonly keys: () => Promise<readonly string[]>
}

/** Fresh stores, by name: what holds on one has to hold on all. */
export const testStores: readonly { readonly name: string; readonly open: () => Promise<TestStore> }[] = [
  {
    name: 'memory',
    open: async () => {
      const repositories = memoryRepositories<string>()
      return {
        repositories,
        write: async (tx, key) => {
          // Each store gets its own handle back.
          const rows = (tx as MemoryTransaction).table<string>('rows')
          if (rows.has(key)) throw new Error(`there is a row ${key} already`)
          rows.set(key, key)
        },
        keys: async () => [...repositories.table('rows').keys()].sort(),
      }
    },
  },
  {
    name: 'SQLite',
    open: async () => {
      const { prisma } = await temporarySqlite()
      await prisma.tenant.create({ data: { id: 'globex' } })
      return {
        repositories: prismaRepositories(prisma),
        write: async (tx, key) => {
          // Each store gets its own handle back.
          await (tx as Prisma.TransactionClient).tenant.create({ data: { id: `row ${key}` } })
        },
        keys: async () => {
          const rows = await prisma.tenant.findMany({ where: { id: { startsWith: 'row ' } } })
          return rows.map(({ id }) => id.slice(4)).sort()
        },
      }
    },
  },
]
