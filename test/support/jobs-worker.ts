import { type JobsProcessSettings, openJobsProcess } from './jobs-process.ts'

/** How a process works. */
export interface JobsWorkerSettings extends JobsProcessSettings {
  readonly concurrency: number
  /** How long it waits when it is told to end. */
  readonly drainMs: number
}

// A process that works until it is told to end. Argument: its settings as JSON.
const { concurrency, drainMs, ...settings }: JobsWorkerSettings = JSON.parse(process.argv[2] ?? '{}')
const { connectors, close } = await openJobsProcess(settings)
const worker = connectors.work({ concurrency, perTenant: concurrency, tickEveryMs: 100, prune: false })
process.once('SIGTERM', async () => {
  await worker.drain({ timeoutMs: drainMs })
  await close()
  // What was given up may still hang somewhere.
  process.exit(0)
})
// It doesn't outlive whoever started it.
process.stdin.resume().once('end', () => process.exit(1))
await worker.ready()
process.stdout.write('ready\n')
