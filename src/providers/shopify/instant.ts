import { z } from 'zod'

/** An instant as Shopify writes it: ISO 8601 in UTC in GraphQL, with an offset in webhooks. */
export const instantSchema = z.iso.datetime({ offset: true }).transform((text) => new Date(text))
