import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

// Schemas that don't fit must not compile, and the compiler has to name the column that is to blame.

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What the compiler says to a program that hands each client to prismaRepositories, by variant. */
function complaints(variants: readonly string[]): Readonly<Record<string, string>> {
  const fileOf = (variant: string) => `${root}test/types/with-${variant}.ts`
  const sources = new Map(
    variants.map((variant) => [
      fileOf(variant),
      `import type { PrismaClient } from '../../generated/${variant}/client/client.ts'
       import { prismaRepositories } from '../../src/adapters/prisma/prisma-repositories.ts'
       export const repositories = (prisma: PrismaClient) => prismaRepositories(prisma)`,
    ]),
  )
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: ['none.ts'] }, ts.sys, root)
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile } = host
  host.fileExists = (file) => sources.has(file) || fileExists(file)
  host.readFile = (file) => sources.get(file) ?? readFile(file)
  const program = ts.createProgram({ rootNames: [...sources.keys()], options, host })
  return Object.fromEntries(
    variants.map((variant) => {
      const file = program.getSourceFile(fileOf(variant))
      const messages = program
        .getSemanticDiagnostics(file)
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
      return [variant, messages.join('\n')]
    }),
  )
}

test('clients of all dialects fit; a schema with a column too few, too many or of another type does not', () => {
  const said = complaints([
    'prisma-sqlite',
    'prisma-postgresql',
    'prisma-postgresql-int',
    'prisma-postgresql-uuid',
    'prisma-mysql',
    'misfit-missing-column',
    'misfit-tenant-type',
    'misfit-extra-column',
  ])
  expect(said).toEqual({
    'prisma-sqlite': '',
    'prisma-postgresql': '',
    'prisma-postgresql-int': '',
    'prisma-postgresql-uuid': '',
    'prisma-mysql': '',
    'misfit-missing-column': expect.stringContaining("'externalAccountId'"),
    'misfit-tenant-type': expect.stringMatching(/webhookEvent[\s\S]*tenantId/),
    'misfit-extra-column': expect.stringContaining("'salesRegion'"),
  })
}, 120_000)
