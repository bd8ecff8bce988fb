import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { prismaSchemaSql } from '../../scripts/prisma-schema-sql.ts'
import { startFakeProvider } from '../../src/testing/fake-provider.ts'
import { startGitHubReplayServer } from '../support/github-replay-server.ts'
import { postgresServer } from '../support/postgres-server.ts'

// What the README promises, done by somebody who has nothing but npm: an empty folder outside of the checkout, the
// tarball made by scripts/pack.ts, a schema with a model of its own, `init`, and the code of the README as it stands there.

const run = promisify(execFile)
const root = new URL('../../', import.meta.url).pathname
const repository = 'octokit-fixture-org/tmp-scenario-paginate-issues-20220719043836917-izyoe'

const schema = `generator client {
  provider            = "prisma-client"
  output              = "../generated"
  moduleFormat        = "esm"
  importFileExtension = "js"
}

datasource db {
  provider = "postgresql"
}

model Company {
  id   Int    @id @default(autoincrement())
  name String
}

model Issue {
  id           String   @id
  tenantId     Int
  connectionId String
  number       Int
  title        String
  state        String
  updatedAt    DateTime
}
`

test('a fresh folder, init and the quick start of the README, on PostgreSQL', async () => {
  const folder = await freshFolder()
  const bin = async (...args: string[]) => (await run('npx', ['--no-install', ...args], { cwd: folder })).stdout

  const init = ['bapp-connectors', 'init', '--dialect', 'postgresql', '--tenant-model', 'Company'] as const
  expect(await bin(...init, '--dry-run')).toContain('+  connections Connection[]\n')
  expect(await bin(...init)).toMatch(/tenantId +Int\n/)
  expect(await bin(...init)).toContain('nothing is changed')
  const key = /^CONNECTORS_KEY="(.*)"$/m.exec(await bin('bapp-connectors', 'keygen'))?.[1]
  await generate(folder)
  await compile(folder, await program())

  const content = await readFile(join(folder, 'prisma/schema.prisma'), 'utf8')
  const url = await database(await prismaSchemaSql('postgresql', [{ path: 'schema.prisma', content }]))
  const input = JSON.stringify({ url, key, baseUrl: await github(), repository })
  const { stdout } = await run(process.execPath, ['build/main.js', input], { cwd: folder })
  expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
    first: { number: 1 },
    result: { status: 'completed', itemCount: 13 },
    rows: 13,
    company: { name: 'Acme', connections: [{ providerName: 'github', tenantId: 1, isConnected: true }] },
  })
})

/** An empty folder with the packages of a user in it, and his schema. */
async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'connectors-fresh-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const { devDependencies: versions } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const packages = ['zod', 'prisma', '@prisma/client', '@prisma/adapter-pg', '@types/node']
  const manifest = {
    name: 'user',
    private: true,
    type: 'module',
    dependencies: {
      'bapp-connectors': `file:${join(root, '.tmp/package.tgz')}`,
      ...Object.fromEntries(packages.map((name) => [name, versions[name]])),
    },
  }
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
  await mkdir(join(folder, 'prisma'))
  await writeFile(join(folder, 'prisma/schema.prisma'), schema)
  // Without scripts: Prisma's would download an engine that nothing here needs.
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: folder })
  return folder
}

async function generate(folder: string): Promise<void> {
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' }
  await run('npx', ['--no-install', 'prisma', 'generate', '--no-hints'], { cwd: folder, env })
}

/** The TypeScript blocks of the README's quick start, around them what a program has anyway. */
async function program(): Promise<string> {
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  const blocks = [...readme.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code]) => code ?? '')
  expect(blocks).toHaveLength(2)
  // GitHub is replayed from a loopback address, where the library doesn't go unless it is told to.
  const code = blocks.join('\n').replace('providers: [github],', '$& http: { allowPrivateNetwork: true },')
  expect(code).toContain('allowPrivateNetwork')
  return `import { createConnectors } from 'bapp-connectors'
import { prismaRepositories } from 'bapp-connectors/prisma'
import { github } from 'bapp-connectors/providers/github'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from './generated/client.js'

const { url = '', key = '', baseUrl = '', repository = '' } = JSON.parse(process.argv[2] ?? '') as Record<string, string>
const settings = { baseUrl, repository }
const [token, webhookSecret, alert] = ['a-token', 'a-secret-of-the-webhook', console.error]
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) })
const { id: tenantId } = await prisma.company.create({ data: { name: 'Acme' } })

${code}
const company = await prisma.company.findFirst({ include: { connections: true } })
console.log(JSON.stringify({ first, result, rows: await prisma.issue.count({ where: { tenantId } }), company }))
await connectors.close()
await prisma.$disconnect()
`
}

/** Type-checks and compiles the program, the generated client included, as a strict user would. */
async function compile(folder: string, source: string): Promise<void> {
  await writeFile(join(folder, 'main.ts'), source)
  const compilerOptions = {
    module: 'NodeNext',
    target: 'ES2023',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    types: ['node'],
    rootDir: '.',
    outDir: 'build',
  }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }))
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const outcome = await run(process.execPath, [compiler, '-p', folder]).catch((error: { stdout: string }) => error)
  expect(outcome.stdout).toBe('')
}

/** A database of its own with the tables of `ddl`, gone after the test; answers its URL. */
async function database(ddl: string): Promise<string> {
  const server = await postgresServer()
  onTestFinished(server.stop)
  const name = `connectors_${randomUUID().replaceAll('-', '')}`
  const url = Object.assign(new URL(server.url), { pathname: name }).href
  const execute = async (on: string, statement: string) => {
    const client = new pg.Client({ connectionString: on })
    await client.connect()
    await client.query(statement).finally(() => client.end())
  }
  await execute(server.url, `CREATE DATABASE ${name}`)
  onTestFinished(() => execute(server.url, `DROP DATABASE ${name} WITH (FORCE)`))
  await execute(url, ddl)
  return url
}

/** The genuine listing of issues, and the first of them under its own address, which was not recorded. */
async function github(): Promise<string> {
  const replay = await startGitHubReplayServer(['get-root', 'paginate-issues'], { recordings: 'raw' })
  const front = await startFakeProvider(async ({ url, headers }, response) => {
    const isFirst = url === `/repos/${repository}/issues/1`
    const path = isFirst ? `/repos/${repository}/issues?since=2000-01-01T00:00:00Z` : url
    const answer = await fetch(replay.origin + path, { headers: { authorization: headers.authorization ?? '' } })
    const text = (await answer.text()).replaceAll(replay.origin, front.origin)
    const link = answer.headers.get('link')?.replaceAll(replay.origin, front.origin)
    const number = (issue: { number: number }) => issue.number === 1
    const body = isFirst ? JSON.stringify((JSON.parse(text) as { number: number }[]).find(number)) : text
    response.writeHead(answer.status, { 'content-type': 'application/json', ...(link !== undefined && { link }) })
    response.end(body)
  })
  onTestFinished(async () => {
    await front.close()
    await replay.close()
  })
  return front.origin
}
