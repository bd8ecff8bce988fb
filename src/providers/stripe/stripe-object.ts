import { z } from 'zod'
import type { JsonObject } from '../../core/domain/json.ts'

/** The id of an object, or the object itself where it was asked to be expanded: https://docs.stripe.com/api/expanding_objects */
export const referenceSchema = z.union([z.string(), z.looseObject({ id: z.string() })])

/** The id behind a reference. */
export function idOf(reference: z.output<typeof referenceSchema> | null | undefined): string | null {
  if (reference == null) return null
  return typeof reference === 'string' ? reference : reference.id
}

/** An instant of Stripe's: seconds since 1970. */
export const createdSchema = z.int().transform((seconds) => new Date(seconds * 1000))

/** What the merchant attached. */
export const metadataSchema = z.record(z.string(), z.string()).nullish()

/** All that Stripe said, without the secret that lets a browser act on the object: it is no data. */
export function rawOf(object: object): JsonObject {
  const { client_secret: _secret, created, ...rest } = object as { client_secret?: unknown; created?: unknown }
  const seconds = created instanceof Date ? created.getTime() / 1000 : created
  // It comes from JSON.parse.
  return (seconds === undefined ? rest : { ...rest, created: seconds }) as JsonObject
}
