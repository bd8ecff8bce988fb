import { sqliteFile } from './app-database.ts'
import { testDurableApp } from './durable-app.ts'

testDurableApp({ name: 'hono-sqlite', isFleet: false, open: sqliteFile })
