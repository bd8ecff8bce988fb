import { z } from 'zod'

/**
 * What an order can be, in the words of the family:
 * - `pending`: placed, not paid yet
 * - `on-hold`: waits for someone to decide
 * - `processing`: paid or accepted, being prepared
 * - `shipped`: on its way, or partly
 * - `delivered`: with the customer
 * - `completed`: nothing is left to do
 * - `cancelled`: will not happen
 * - `returned`: came back
 * - `refunded`: the money went back
 * - `failed`: could not be paid
 */
export const orderStatusSchema = z.enum([
  'pending',
  'on-hold',
  'processing',
  'shipped',
  'delivered',
  'completed',
  'cancelled',
  'returned',
  'refunded',
  'failed',
])

/** What an order can be. */
export type OrderStatus = z.output<typeof orderStatusSchema>
