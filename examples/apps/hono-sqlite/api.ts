import { isConnectorsError } from 'bapp-connectors'
import { eq } from 'drizzle-orm'
import { type Context, Hono } from 'hono'
import { ZodError, z } from 'zod'
import { connectors } from './connectors.ts'
import { db } from './database.ts'
import { connectShop } from './shops.ts'
import { companies, orders } from './tables.ts'

// The header stands for whatever tells you which company is asking.
const companyOf = (c: Context) => z.coerce.number().int().parse(c.req.header('x-tenant'))

export const api = new Hono()

api.post('/companies', async (c) => {
  const values = z.object({ name: z.string() }).parse(await c.req.json())
  const [company] = await db.insert(companies).values(values).returning({ id: companies.id })
  return c.json(company, 201)
})

api.post('/shops', async (c) => {
  const outcome = await connectShop(companyOf(c), await c.req.json())
  return c.json(outcome, outcome.status === 'connected' ? 201 : 422)
})

// It is done later: whoever asks doesn't wait.
api.post('/shops/:id/sync', async (c) => {
  await connectors.forTenant(companyOf(c)).sync.request(c.req.param('id'), 'orders')
  return c.body(null, 202)
})

api.get('/orders', async (c) => {
  const { number, status, total, currency, companyId, id } = orders
  const own = eq(companyId, companyOf(c))
  return c.json(await db.select({ number, status, total, currency }).from(orders).where(own).orderBy(id))
})

api.onError((error, c) => {
  if (isConnectorsError(error, 'CONNECTION_NOT_FOUND')) return c.json({ message: 'no such shop' }, 404)
  if (isConnectorsError(error, 'INVALID_CREDENTIALS')) return c.json({ message: error.message }, 400)
  if (error instanceof ZodError) return c.json({ message: z.prettifyError(error) }, 400)
  throw error
})
