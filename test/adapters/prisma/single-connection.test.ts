import { readdir } from 'node:fs/promises'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { expect, test } from 'vitest'
import { openDatabase } from '../../../examples/prisma-sqlite.ts'
import { singleConnection } from '../../../src/adapters/prisma/single-connection.ts'
import { temporarySqlite } from '../../support/temporary-sqlite.ts'

const sql = (text: string) => ({ sql: text, args: [], argTypes: [] })
const connect = (file: string) => singleConnection(new PrismaLibSql({ url: `file:${file}`, timeout: 0 })).connect()
type Connection = Awaited<ReturnType<typeof connect>>
const insert = (id: string) => sql(`INSERT INTO Tenant (id) VALUES ('${id}')`)

async function tenants(file: string) {
  const other = await connect(file)
  const { rows } = await other.queryRaw(sql('SELECT id FROM Tenant ORDER BY id'))
  await other.dispose()
  return rows.flat()
}

test.runIf(process.platform === 'linux')('transactions open no files of their own', async () => {
  const { file } = await temporarySqlite()
  const connection = await connect(file)
  const openFiles = async () => (await readdir('/proc/self/fd')).length
  const before = await openFiles()
  for (let round = 0; round < 50; round += 1) {
    const transaction = await connection.startTransaction()
    await transaction.executeRaw(insert(`tenant-${round}`))
    await (round % 2 === 0 ? transaction.commit() : transaction.rollback())
  }
  expect((await openFiles()) - before).toBeLessThan(5)
  expect(await tenants(file)).toHaveLength(26)
})

test.each([
  [
    'a statement',
    async (connection: Connection) => {
      await expect(connection.executeRaw(insert('refused'))).rejects.toThrow()
    },
  ],
  [
    'a transaction',
    async (connection: Connection) => {
      const refused = await connection.startTransaction()
      await expect(refused.executeRaw(insert('refused'))).rejects.toThrow()
      await refused.rollback()
    },
  ],
])('%s that found the file locked spoils nothing that comes after it', async (_, beRefused) => {
  const { file } = await temporarySqlite()
  const [connection, other] = [await connect(file), await connect(file)]
  const lock = await other.startTransaction()
  await lock.executeRaw(insert('other'))
  await beRefused(connection)
  await lock.commit()

  const transaction = await connection.startTransaction()
  await transaction.executeRaw(insert('later'))
  await transaction.commit()
  await other.executeRaw(insert('last'))
  expect(await tenants(file)).toEqual(['acme', 'last', 'later', 'other'])
})

test('what comes after the end of a transaction is refused, not done outside of it', async () => {
  const { file } = await temporarySqlite()
  const connection = await connect(file)
  const transaction = await connection.startTransaction()
  await transaction.rollback()
  await expect(transaction.executeRaw(insert('late'))).rejects.toThrow()
  expect(await tenants(file)).toEqual(['acme'])
})

test('a file opened as the documentation shows is in WAL mode', async () => {
  const { file } = await temporarySqlite()
  const prisma = await openDatabase(`${file}.new`)
  expect(await prisma.$queryRaw`PRAGMA journal_mode`).toEqual([{ journal_mode: 'wal' }])
  await prisma.$disconnect()
})
