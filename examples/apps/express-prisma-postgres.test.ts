import { prismaPostgres } from './app-database.ts'
import { testDurableApp } from './durable-app.ts'

testDurableApp({
  name: 'express-prisma-postgres',
  isFleet: true,
  open: () => prismaPostgres(new URL('express-prisma-postgres/prisma/schema/', import.meta.url)),
})
