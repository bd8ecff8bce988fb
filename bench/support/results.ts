import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { Line } from './line.ts'

/** What a run found, and on what. */
export interface Results {
  /** Day of the run, as `2026-11-24`. */
  readonly date: string
  readonly commit: string
  readonly versions: Readonly<Record<string, string>>
  readonly machine: Readonly<Record<string, string>>
  readonly lines: readonly Line[]
}

const root = new URL('../../', import.meta.url).pathname

/** The lines of a run, with where they come from. */
export async function toResults(lines: readonly Line[], postgresUrl: string): Promise<Results> {
  const server = await settingsOf(postgresUrl)
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim(),
    versions: {
      node: process.versions.node,
      postgresql: server.version,
      ...versionsIn('', ['@prisma/client', '@prisma/adapter-pg', 'pg', 'zod']),
      ...versionsIn('bench', Object.keys(manifest(join(root, 'bench', 'package.json')).devDependencies ?? {})),
    },
    machine: {
      cpu: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
      memory: `${(totalmem() / 2 ** 30).toFixed(0)} GB`,
      system: `${process.platform} ${process.arch}`,
      postgresql: `fsync ${server.fsync}, synchronous_commit ${server.synchronousCommit}, on the same machine`,
    },
    lines,
  }
}

/** Refuses a server that answers a COMMIT before it is on the disk. */
export async function requireDurable(postgresUrl: string): Promise<void> {
  const { fsync, synchronousCommit } = await settingsOf(postgresUrl)
  if (fsync === 'on' && synchronousCommit === 'on') return
  throw new Error(
    `The PostgreSQL server has fsync ${fsync} and synchronous_commit ${synchronousCommit}: both have to be on. Name another with TEST_POSTGRES_URL.`,
  )
}

async function settingsOf(url: string) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const show = async (name: string) => String(Object.values((await client.query(`SHOW ${name}`)).rows[0] ?? {})[0])
  const settings = {
    version: (await show('server_version')).split(' ')[0] ?? '',
    fsync: await show('fsync'),
    synchronousCommit: await show('synchronous_commit'),
  }
  await client.end()
  return settings
}

function versionsIn(folder: string, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names.map((name) => [name, manifest(join(root, folder, 'node_modules', name, 'package.json')).version]),
  )
}

function manifest(file: string): { version: string; devDependencies?: Readonly<Record<string, string>> } {
  return JSON.parse(readFileSync(file, 'utf8'))
}
