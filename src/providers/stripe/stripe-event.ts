import { z } from 'zod'
import type { JsonObject } from '../../core/domain/json.ts'
import { createdSchema, rawOf } from './stripe-object.ts'

/** Something that happened at Stripe, as a webhook delivers it and as the resource `events` lists it. */
export interface StripeEvent {
  /** By Stripe's own name, e.g. `payment_intent.succeeded`: https://docs.stripe.com/api/events/types */
  readonly type: string
  readonly id: string
  /** The connected account that it happened in; `null` for the account of the key. */
  readonly account: string | null
  /** The version that `object` is written in: that of the webhook endpoint, or of the account for listed events. */
  readonly apiVersion: string | null
  /** Whether it is about real money. */
  readonly livemode: boolean
  readonly createdAt: Date
  /** What it is about, as it was then; `null` for events that hold none. */
  readonly object: JsonObject | null
  /** The values before, of what an `….updated` event is about; `null` for others. */
  readonly previousAttributes: JsonObject | null
  /** The whole event, by Stripe's own names. */
  readonly payload: JsonObject
}

// It comes from JSON.parse.
const objectSchema = z.looseObject({}).transform((object) => object as JsonObject)

/** https://docs.stripe.com/api/events/object */
export const eventSchema = z
  .looseObject({
    id: z.string().min(1),
    type: z.string().min(1),
    account: z.string().nullish(),
    api_version: z.string().nullish(),
    livemode: z.boolean(),
    created: createdSchema,
    data: z.looseObject({ object: objectSchema.nullish(), previous_attributes: objectSchema.nullish() }).nullish(),
  })
  .transform(
    (raw): StripeEvent => ({
      type: raw.type,
      id: raw.id,
      account: raw.account ?? null,
      apiVersion: raw.api_version ?? null,
      livemode: raw.livemode,
      createdAt: raw.created,
      object: raw.data?.object ?? null,
      previousAttributes: raw.data?.previous_attributes ?? null,
      payload: rawOf(raw),
    }),
  )
