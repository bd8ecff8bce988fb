import { z } from 'zod'
import type { JsonObject } from '../core/domain/json.ts'
import { rawSchema } from './raw-json.ts'

/** Checks an object of a provider's and makes something of it, with the object at hand as it came. */
export function withRaw<S extends z.ZodType, T>(properties: S, read: (values: z.output<S>, raw: JsonObject) => T) {
  return rawSchema.transform((raw, context): T => {
    const parsed = properties.safeParse(raw)
    if (parsed.success) return read(parsed.data, raw)
    for (const { path, message } of parsed.error.issues) context.addIssue({ code: 'custom', path: [...path], message })
    return z.NEVER
  })
}
