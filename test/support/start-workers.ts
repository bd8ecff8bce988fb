import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { bundleWorker } from './bundle-worker.ts'

/** A process of its own that says lines, and can be told some. */
export interface WorkerProcess {
  /** The next line that it says; fails when it ends instead, with what it complained of. */
  readonly line: () => Promise<string>
  readonly tell: (line: string) => void
  /** What it has said on standard error. */
  readonly complaints: () => string
  /** Ends it at once, without a word; answers when it is gone. */
  readonly kill: () => Promise<void>
  /** Asks it to end, as whoever deploys a new version does. */
  readonly terminate: () => void
  /** Its exit code, once it has ended by itself. */
  readonly end: () => Promise<number | null>
}

/** Starts a process with arguments. */
export type StartWorker = (...args: readonly string[]) => WorkerProcess

/** Bundles a worker (a file below `test`); answers what starts one. They and the bundle go with the test. */
export async function startWorkers(worker: string): Promise<StartWorker> {
  const { start, remove } = await openWorkers(worker)
  onTestFinished(remove)
  return start
}

/** The same for many tests: `remove` ends those that are left, and removes the bundle. */
export async function openWorkers(worker: string): Promise<{
  readonly start: StartWorker
  readonly remove: () => Promise<void>
}> {
  // Inside of the checkout, so that packages are found.
  const temporary = new URL('../../.tmp/', import.meta.url).pathname
  await mkdir(temporary, { recursive: true })
  const folder = await mkdtemp(join(temporary, 'workers-'))
  const running = new Set<ChildProcess>()
  const bundle = await bundleWorker(worker, folder)

  const start: StartWorker = (...args) => {
    const child = spawn(process.execPath, [bundle, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
    running.add(child)
    let complaints = ''
    child.stderr.on('data', (chunk: Buffer) => {
      complaints += chunk.toString()
    })
    const exit = once(child, 'exit').finally(() => running.delete(child))
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    return {
      line: async () => {
        const { value, done } = await lines.next()
        if (done === true) throw new Error(`The worker ended: ${complaints}`)
        return value
      },
      complaints: () => complaints,
      tell: (line) => void child.stdin.write(`${line}\n`),
      kill: async () => {
        child.kill('SIGKILL')
        await exit
      },
      terminate: () => void child.kill('SIGTERM'),
      end: async () => (await exit)[0] as number | null,
    }
  }
  return {
    start,
    remove: async () => {
      for (const child of running) child.kill('SIGKILL')
      await rm(folder, { recursive: true })
    },
  }
}
