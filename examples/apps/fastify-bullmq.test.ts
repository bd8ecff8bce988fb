import { drizzlePostgres } from './app-database.ts'
import { testDurableApp } from './durable-app.ts'

testDurableApp({
  name: 'fastify-bullmq',
  isFleet: true,
  open: () => drizzlePostgres(new URL('fastify-bullmq/migrations', import.meta.url)),
  // Not in CI, where test/support/database-servers.ts makes an error of it.
  missing: process.env.TEST_REDIS_MISSING,
})
