import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'

/** A Redis server of our own: it may be flushed, killed and started again. */
export interface OwnRedis {
  /** Its socket. */
  readonly path: string
  /** Removes everything. */
  readonly flush: () => Promise<void>
  /** Ends it at once, and starts it anew with what it has written down. */
  readonly restart: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** Why there can be none, or `null`. */
export function ownRedisMissing(): string | null {
  const isThere = spawnSync('redis-server', ['--version']).status === 0
  return isThere ? null : 'no program redis-server'
}

/** Starts one that listens on a socket in a folder of its own, and writes down each command. */
export async function startOwnRedis(): Promise<OwnRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'connectors-redis-'))
  const path = join(folder, 'redis.sock')
  const settings = ['--port', '0', '--unixsocket', path, '--dir', folder, '--save', '', '--appendonly', 'yes']
  const start = async () => {
    const server = spawn('redis-server', [...settings, '--appendfsync', 'always'], { stdio: 'ignore' })
    const ended = once(server, 'exit')
    const redis = new Redis({ path, retryStrategy: () => 20 })
    redis.on('error', () => {})
    await redis.ping()
    redis.disconnect()
    return async () => {
      server.kill('SIGKILL')
      await ended
    }
  }
  let kill = await start()
  return {
    path,
    flush: async () => {
      const redis = new Redis({ path })
      await redis.flushall()
      redis.disconnect()
    },
    restart: async () => {
      await kill()
      kill = await start()
    },
    stop: async () => {
      await kill()
      await rm(folder, { recursive: true })
    },
  }
}
