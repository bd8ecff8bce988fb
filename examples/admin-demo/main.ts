import { once } from 'node:events'
import { startAdminDemo } from './start-admin-demo.ts'

console.log('Living through twelve days of five tenants …')
const demo = await startAdminDemo()
console.log(`The console is at ${demo.url} (Ctrl-C ends it).`)
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
await demo.stop()
