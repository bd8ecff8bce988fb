import { onStop } from '../on-stop.ts'
import { close, connectors } from './connectors.ts'

const worker = connectors.work({ concurrency: 10 })
await worker.ready()
console.log('working')

// Any number of these processes: what one of them leaves behind, however it ends, another one goes on with.
onStop(async () => {
  await worker.drain()
  await close()
})
