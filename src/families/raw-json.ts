import { z } from 'zod'
import type { JsonObject } from '../core/domain/json.ts'

/** All that the provider said, by its own names: for what the contract of a family has no field for. */
export const rawSchema = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be an object',
)
