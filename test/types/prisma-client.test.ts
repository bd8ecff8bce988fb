import { expectTypeOf, test } from 'vitest'
import type { PrismaClient as MysqlClient, Prisma as MysqlPrisma } from '../../generated/prisma-mysql/client/client.ts'
import type {
  PrismaClient as PostgresClient,
  Prisma as PostgresPrisma,
} from '../../generated/prisma-postgresql/client/client.ts'
import type { PrismaClient as IntClient } from '../../generated/prisma-postgresql-int/client/client.ts'
import type { PrismaClient as UuidClient } from '../../generated/prisma-postgresql-uuid/client/client.ts'
import type { Prisma, PrismaClient } from '../../generated/prisma-sqlite/client/client.ts'
import type {
  PrismaClient as BigIntClient,
  Prisma as BigIntPrisma,
} from '../../generated/prisma-sqlite-bigint/client/client.ts'
import type { TenantIdOf } from '../../src/adapters/prisma/prisma-client-like.ts'
import { prismaRepositories } from '../../src/adapters/prisma/prisma-repositories.ts'
import type { Repositories } from '../../src/core/ports/repositories.ts'

// The compiler is the judge here; nothing of this runs.

test('a generated client fits, and its tenant id and transaction types come out', () => {
  const withClient = (prisma: PrismaClient) => {
    const repositories = prismaRepositories(prisma)
    expectTypeOf(repositories).toEqualTypeOf<Repositories<string, Prisma.TransactionClient>>()
    return repositories.transaction(({ tx }) => tx.issue.count(), { timeoutMs: 1, maxWaitMs: 1 })
  }
  expectTypeOf(withClient).returns.resolves.toEqualTypeOf<number>()
})

test('clients of PostgreSQL and MySQL fit, extended ones too', () => {
  const withPostgres = (prisma: PostgresClient) => prismaRepositories(prisma)
  expectTypeOf(withPostgres).returns.toEqualTypeOf<Repositories<string, PostgresPrisma.TransactionClient>>()
  const withMysql = (prisma: MysqlClient) => prismaRepositories(prisma)
  expectTypeOf(withMysql).returns.toEqualTypeOf<Repositories<string, MysqlPrisma.TransactionClient>>()
  const extended = (postgres: PostgresClient, mysql: MysqlClient) => {
    const first = prismaRepositories(postgres.$extends({ model: { issue: { countOpen: async () => 1n } } }))
    const second = prismaRepositories(mysql.$extends({ model: { issue: { countOpen: async () => '1' } } }))
    const limits = { timeoutMs: 1, maxWaitMs: 1 }
    return [
      first.transaction(({ tx }) => tx.issue.countOpen(), limits),
      second.transaction(({ tx }) => tx.issue.countOpen(), limits),
    ] as const
  }
  expectTypeOf(extended).returns.toEqualTypeOf<readonly [Promise<bigint>, Promise<string>]>()
})

test('tenant ids are numbers or text as the column is', () => {
  const withInt = (prisma: IntClient) => prismaRepositories(prisma)
  expectTypeOf(withInt).returns.toExtend<Repositories<number, unknown>>()
  const withUuid = (prisma: UuidClient) => prismaRepositories(prisma)
  expectTypeOf(withUuid).returns.toExtend<Repositories<string, unknown>>()
})

test('an extended client fits, and its own methods are there on the transaction handle', () => {
  const withExtension = (prisma: PrismaClient) => {
    const extended = prisma.$extends({ model: { issue: { countOpen: async () => 1n } } })
    const repositories = prismaRepositories(extended)
    return repositories.transaction(({ tx }) => tx.issue.countOpen(), { timeoutMs: 1, maxWaitMs: 1 })
  }
  expectTypeOf(withExtension).returns.resolves.toEqualTypeOf<bigint>()
})

test('a client with a renamed model and another tenant id fits', () => {
  const withRenamed = (prisma: BigIntClient) => prismaRepositories(prisma, { models: { connection: 'shopConnection' } })
  expectTypeOf(withRenamed).returns.toEqualTypeOf<Repositories<bigint, BigIntPrisma.TransactionClient>>()
})

test('the type of the tenant id follows the column', () => {
  type ClientWith<Name> = { connection: { fields: { tenantId: { typeName: Name } } } }
  type Names = { connection: 'connection'; syncState: 's'; webhookEvent: 'w'; executionLog: 'e'; oauthState: 'o' }
  expectTypeOf<TenantIdOf<ClientWith<'String'>, Names>>().toEqualTypeOf<string>()
  expectTypeOf<TenantIdOf<ClientWith<'Int'>, Names>>().toEqualTypeOf<number>()
  expectTypeOf<TenantIdOf<ClientWith<'BigInt'>, Names>>().toEqualTypeOf<bigint>()
})

test('a client that does not fit does not compile', () => {
  const refused = (
    renamed: BigIntClient,
    withoutModel: Omit<PrismaClient, 'webhookEvent'>,
    withoutColumn: PrismaClient<never, { connection: { slot: true } }>,
    withoutBytes: PrismaClient<never, { webhookEvent: { rawBody: true } }>,
  ) => {
    // @ts-expect-error the connection is called shopConnection here
    prismaRepositories(renamed)
    // @ts-expect-error there is no such model
    prismaRepositories(renamed, { models: { connection: 'storeConnection' } })
    // @ts-expect-error the model is missing
    prismaRepositories(withoutModel)
    // @ts-expect-error the column never arrives
    prismaRepositories(withoutColumn)
    // @ts-expect-error the column never arrives
    prismaRepositories(withoutBytes)
  }
  expectTypeOf(refused).toBeFunction()
})

test('a foreign type of tenant id does not compile', () => {
  const refused = (prisma: PrismaClient) => {
    // @ts-expect-error tenant ids are strings here
    return prismaRepositories(prisma).connections.find({ scope: { kind: 'tenant', tenantId: 1 }, id: '' })
  }
  expectTypeOf(refused).toBeFunction()
})
