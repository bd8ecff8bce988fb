import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { SeededRandom } from './seeded-random.ts'
import { type WorkerReport, type WorkerSettings, workerReport } from './worker-protocol.ts'

/** Processes that are struck and come back. */
export interface WorkerFleet {
  /** Answers when every worker has had a run: what is struck before is not at work yet. */
  readonly atWork: () => Promise<void>
  /** Ends one at its work at once, without a word, and starts another in its place; `false` if there is none. */
  readonly kill: () => boolean
  /** Has one stand still for that long: it knows nothing of it when it goes on. `false` if none is at work. */
  readonly freeze: (ms: number) => boolean
  /** Wakes those that stand still, has all end by themselves, and answers what went wrong with that. */
  readonly end: () => Promise<readonly string[]>
}

interface Worker {
  readonly name: string
  readonly child: ChildProcess
  /** Whether it has had a run. */
  isAtWork: boolean
  /** Whether it ended because we wanted it to. */
  isStruck: boolean
}

const endMs = 30_000

/** Starts `size` workers. */
export function startFleet({
  bundle,
  size,
  settings,
  random,
  report,
}: {
  readonly bundle: string
  readonly size: number
  readonly settings: Omit<WorkerSettings, 'name' | 'seed' | 'skewMs'>
  readonly random: SeededRandom
  readonly report: (worker: string, line: WorkerReport) => void
}): WorkerFleet {
  const workers: Worker[] = []
  const complaints: string[] = []
  const thaws = new Set<{ readonly worker: Worker; readonly timer: NodeJS.Timeout }>()
  let startedCount = 0
  let isEnding = false

  const start = (place: number) => {
    startedCount += 1
    const half = Math.floor(settings.clockSkewMs / 2)
    const own: WorkerSettings = {
      ...settings,
      name: `w${startedCount}`,
      seed: random.between(0, 2 ** 31),
      skewMs: random.between(-half, half),
    }
    const child = spawn(process.execPath, [bundle], {
      env: { ...process.env, CHAOS_WORKER: JSON.stringify(own) },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const worker: Worker = { name: own.name, child, isAtWork: false, isStruck: false }
    workers[place] = worker
    let lastWords = ''
    child.stdin?.on('error', () => {})
    child.stderr?.on('data', (chunk: Buffer) => {
      lastWords = (lastWords + chunk.toString()).slice(-2_000)
    })
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        // A kill may cut the last line.
        if (!line.endsWith('}')) return
        const said = workerReport.parse(JSON.parse(line))
        if (said.kind === 'run') worker.isAtWork = true
        report(own.name, said)
      })
    }
    child.on('exit', (code, signal) => {
      if (worker.isStruck || code === 0) return
      complaints.push(`worker ${own.name} ended by itself (${signal ?? code}): ${lastWords}`)
      if (!isEnding) start(place)
    })
  }

  /** The place of one that is at work, and awake: what is killed in its sleep never writes too late. */
  const any = () => {
    const asleep = new Set([...thaws].map(({ worker }) => worker))
    const awake = workers.flatMap((worker, place) => (worker.isAtWork && !asleep.has(worker) ? [place] : []))
    return awake[random.between(0, awake.length - 1)]
  }
  const thaw = (entry: { readonly worker: Worker; readonly timer: NodeJS.Timeout }) => {
    clearTimeout(entry.timer)
    thaws.delete(entry)
    entry.worker.child.kill('SIGCONT')
  }

  for (let place = 0; place < size; place += 1) start(place)

  return {
    atWork: async () => {
      while (!workers.every(({ isAtWork }) => isAtWork)) await new Promise((resolve) => setTimeout(resolve, 50))
    },
    kill: () => {
      const place = any()
      const worker = workers[place ?? -1]
      if (place === undefined || worker === undefined) return false
      worker.isStruck = true
      worker.child.kill('SIGKILL')
      start(place)
      return true
    },
    freeze: (ms) => {
      const worker = workers[any() ?? -1]
      if (worker === undefined) return false
      worker.child.kill('SIGSTOP')
      const timer = setTimeout(() => thaw(entry), ms)
      const entry = { worker, timer }
      thaws.add(entry)
      return true
    },
    end: async () => {
      isEnding = true
      for (const entry of thaws) thaw(entry)
      await Promise.all(
        workers.map(async (worker) => {
          const { child, name } = worker
          if (child.exitCode !== null) return
          child.stdin?.write('end\n')
          const timer = setTimeout(() => {
            complaints.push(`worker ${name} did not end within ${endMs} ms`)
            worker.isStruck = true
            child.kill('SIGKILL')
          }, endMs)
          await once(child, 'exit')
          clearTimeout(timer)
        }),
      )
      return complaints
    },
  }
}
