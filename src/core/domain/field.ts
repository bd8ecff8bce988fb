import type { z } from 'zod'

/** What a form needs to know of a field of credentials or settings, beside what it accepts. */
export interface FieldDescription {
  /** For people; default: made from the name. */
  readonly label?: string
  /** A sentence below the field: what it is, where it is found. */
  readonly help?: string
  /**
   * Never shown again once it was given, and asked for like a password. A secret setting is sealed in a column of its own,
   * whole if the secret is somewhere within it. Default: false. Credentials are sealed in any case, and kept out of logs and
   * messages unless `false` is said, e.g. for the address of a service.
   */
  readonly secret?: boolean
  /** Shown in an empty input. */
  readonly placeholder?: string
  /** Fields with a number come first, the lowest first; the others follow as they are declared. */
  readonly order?: number
}

/**
 * A schema that knows how its field is presented. Takes any schema: optional ones, those with a default, enums, pipes.
 * The description becomes zod's own metadata, so `schema.meta({ label, secret })` says the same, only unchecked.
 *
 * @example
 * settings: z.strictObject({
 *   currency: field(z.enum(['EUR', 'USD']).default('EUR'), { label: 'Currency' }),
 *   smtpPassword: field(z.string().optional(), { label: 'Password of the mail server', secret: true }),
 * })
 */
export function field<S extends z.ZodType>(schema: S, description: FieldDescription): S {
  return schema.meta({ ...description })
}
