import { isConnectorsError } from 'bapp-connectors'
import express, { type ErrorRequestHandler, type Request } from 'express'
import { ZodError, z } from 'zod'
import { connectors } from './connectors.ts'
import { prisma } from './database.ts'
import { connectShop } from './shops.ts'

export const api = express.Router()
api.use(express.json())

// The header stands for whatever tells you which company is asking.
const companyOf = (request: Request) => z.coerce.number().int().parse(request.get('x-tenant'))

api.post('/companies', async (request, response) => {
  const { id } = await prisma.company.create({ data: z.object({ name: z.string() }).parse(request.body) })
  response.status(201).json({ id })
})

api.post('/shops', async (request, response) => {
  const outcome = await connectShop(companyOf(request), request.body)
  response.status(outcome.status === 'connected' ? 201 : 422).json(outcome)
})

// A worker does it: whoever asks doesn't wait.
api.post('/shops/:id/sync', async (request, response) => {
  await connectors.forTenant(companyOf(request)).sync.request(request.params.id, 'orders')
  response.status(202).end()
})

api.get('/orders', async (request, response) => {
  const orders = await prisma.order.findMany({ where: { companyId: companyOf(request) }, orderBy: { id: 'asc' } })
  response.json(orders.map(({ number, status, total, currency }) => ({ number, status, total, currency })))
})

const answerError: ErrorRequestHandler = (error, _request, response, next) => {
  if (isConnectorsError(error, 'CONNECTION_NOT_FOUND')) response.status(404).json({ message: 'no such shop' })
  else if (isConnectorsError(error, 'INVALID_CREDENTIALS')) response.status(400).json({ message: error.message })
  else if (error instanceof ZodError) response.status(400).json({ message: z.prettifyError(error) })
  else next(error)
}
api.use(answerError)
