import { isConnectorsError } from 'bapp-connectors'
import { eq } from 'drizzle-orm'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ZodError, z } from 'zod'
import { connectors } from './connectors.ts'
import { db } from './database.ts'
import { connectShop } from './shops.ts'
import { companies, orders } from './tables.ts'

// The header stands for whatever tells you which company is asking.
const companyOf = (request: FastifyRequest) => z.uuid().parse(request.headers['x-tenant'])

export async function api(app: FastifyInstance): Promise<void> {
  app.post('/companies', async (request, reply) => {
    const [company] = await db
      .insert(companies)
      .values(z.object({ name: z.string() }).parse(request.body))
      .returning({ id: companies.id })
    return reply.code(201).send(company)
  })

  app.post('/shops', async (request, reply) => {
    const outcome = await connectShop(companyOf(request), request.body)
    return reply.code(outcome.status === 'connected' ? 201 : 422).send(outcome)
  })

  // A worker does it: whoever asks doesn't wait.
  app.post<{ Params: { id: string } }>('/shops/:id/sync', async (request, reply) => {
    await connectors.forTenant(companyOf(request)).sync.request(request.params.id, 'orders')
    return reply.code(202).send()
  })

  app.get('/orders', (request) => {
    const { number, status, total, currency, companyId, id } = orders
    const own = eq(companyId, companyOf(request))
    return db.select({ number, status, total, currency }).from(orders).where(own).orderBy(id)
  })

  app.setErrorHandler((error, _request, reply) => {
    if (isConnectorsError(error, 'CONNECTION_NOT_FOUND')) return reply.code(404).send({ message: 'no such shop' })
    if (isConnectorsError(error, 'INVALID_CREDENTIALS')) return reply.code(400).send({ message: error.message })
    if (error instanceof ZodError) return reply.code(400).send({ message: z.prettifyError(error) })
    throw error
  })
}
