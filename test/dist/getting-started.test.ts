import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { createClient } from '@libsql/client'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { prismaSchemaSql } from '../../scripts/prisma-schema-sql.ts'
import { postgresServer } from '../support/postgres-server.ts'

// The page for beginners, followed to the letter in an empty folder: every file and every command, in the order of the page.

const run = promisify(execFile)
const root = new URL('../../', import.meta.url).pathname
const page = await readFile(join(root, 'docs/getting-started.md'), 'utf8')

/** A block of the page: commands, or the file whose name stands above. */
type Step = { readonly commands: string } | { readonly file: string; readonly content: string }

/** What there is to do in a part of the page. */
function stepsOf(part: string): readonly Step[] {
  return [...part.matchAll(/^(?:`([^`\n]+)`:\n\n)?```(\w+)\n([\s\S]*?)^```$/gm)].map(
    ([block, file, language, content = '']) => {
      if (file !== undefined) return { file, content }
      if (language === 'sh') return { commands: content }
      throw new Error(`nobody is told what to do with this block: ${block}`)
    },
  )
}

test('the page for beginners works as it is written, on SQLite and then on PostgreSQL', {
  timeout: 300_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'connectors-beginner-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const [onSqlite = '', onPostgres = ''] = page.split('## The same on PostgreSQL')
  const [, printed = ''] = /^prints\n\n```\n([\s\S]*?)^```$/m.exec(onSqlite) ?? []
  expect(printed).toContain('webhook: 200')

  const environment = { PORT: String(await freePort()) }
  const sqlite = await follow(folder, stepsOf(onSqlite), environment, (ddl) => push(`file:${folder}/dev.db`, ddl))
  expect(sqlite).toBe(printed)
  await compile(folder)

  const url = await emptyDatabase()
  const postgres = await follow(folder, stepsOf(onPostgres), { ...environment, DATABASE_URL: url }, (ddl) =>
    pgQuery(url, ddl),
  )
  expect(postgres).toBe(printed)
  await compile(folder)
})

/** Does the steps; answers what the last command printed. */
async function follow(
  folder: string,
  steps: readonly Step[],
  environment: Readonly<Record<string, string>>,
  execute: (ddl: string) => Promise<void>,
): Promise<string> {
  const { devDependencies: versions } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const env = {
    ...process.env,
    ...environment,
    // Without it Prisma wants to download an engine that making a client doesn't need.
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    CHECKPOINT_DISABLE: '1',
    npm_config_ignore_scripts: 'true',
    npm_config_prefer_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
  }
  let printed = ''
  for (const step of steps) {
    if ('file' in step) {
      await mkdir(dirname(join(folder, step.file)), { recursive: true })
      await writeFile(join(folder, step.file), step.content)
      continue
    }
    for (const command of step.commands.trim().split('\n')) {
      if (command === 'npx prisma db push') {
        // The one command that needs the engine: its tables are made with the same engine in another form.
        const content = await readFile(join(folder, 'prisma/schema.prisma'), 'utf8')
        const dialect = content.includes('"sqlite"') ? 'sqlite' : 'postgresql'
        await execute(await prismaSchemaSql(dialect, [{ path: 'schema.prisma', content }]))
        continue
      }
      // The package of this checkout, and the versions that it is tested with.
      const exact = command.startsWith('npm install')
        ? command.replace(/(?<= )(?!install|--)\S+/g, (name) =>
            name === 'bapp-connectors' ? join(root, '.tmp/package.tgz') : `${name}@${versions[name] ?? 'latest'}`,
          )
        : command
      const outcome = await run('bash', ['-euo', 'pipefail', '-c', exact], { cwd: folder, env })
      printed = outcome.stdout
    }
  }
  return printed
}

/** What a strict user's compiler says of the files of the page: nothing. */
async function compile(folder: string): Promise<void> {
  const compilerOptions = {
    ...{ module: 'NodeNext', target: 'ES2023', noEmit: true, skipLibCheck: true, types: ['node'] },
    ...{
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      allowImportingTsExtensions: true,
    },
  }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src', '*.ts'] }))
  const outcome = await run('npx', ['--no-install', 'tsc', '-p', '.'], { cwd: folder }).catch(
    (error: { stdout: string }) => error,
  )
  expect(outcome.stdout).toBe('')
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, () => resolve()))
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function push(url: string, ddl: string): Promise<void> {
  const client = createClient({ url })
  await client.executeMultiple(ddl)
  client.close()
}

async function pgQuery(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(sql).finally(() => client.end())
}

/** A database of its own, gone after the test; answers its URL. */
async function emptyDatabase(): Promise<string> {
  const server = await postgresServer()
  onTestFinished(server.stop)
  const name = `connectors_${randomUUID().replaceAll('-', '')}`
  await pgQuery(server.url, `CREATE DATABASE ${name}`)
  onTestFinished(() => pgQuery(server.url, `DROP DATABASE ${name} WITH (FORCE)`))
  return Object.assign(new URL(server.url), { pathname: name }).href
}
