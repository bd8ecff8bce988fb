import { fork } from 'node:child_process'
import { onStop } from '../on-stop.ts'

// Both processes, for a machine of yours to develop on. Elsewhere each is deployed by itself: `npm run web`, `npm run worker`.
const processes = ['web.ts', 'worker.ts'].map((file) => fork(new URL(file, import.meta.url)))
let isStopping = false
const stopAll = async () => {
  // A second signal would end one that is just about to go, and that would count as a failure.
  if (isStopping) return
  isStopping = true
  for (const child of processes) child.kill()
}

onStop(stopAll)
// One alone is no good.
for (const child of processes) {
  child.once('exit', async (code) => {
    if (code !== 0) process.exitCode = 1
    await stopAll()
  })
}
