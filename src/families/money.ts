import { z } from 'zod'

/** A decimal number as text, e.g. `-12.30`: sums of money never pass through floating point. */
export const decimalSchema = z
  .string()
  .regex(/^-?(?:0|[1-9]\d*)(?:\.\d+)?$/, 'must be a decimal number as text, e.g. "12.30"')

/** An amount of money. */
export const moneySchema = z.object({
  /** In major units, with as many digits as the provider gives: `12.30`. */
  amount: decimalSchema,
  /** ISO 4217, upper case: `EUR`. */
  currency: z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as EUR'),
})

/** An amount of money. */
export type Money = z.output<typeof moneySchema>

/**
 * An amount that a provider gives in minor units (cents).
 *
 * @param minorUnits a safe integer or a bigint.
 * @param currency ISO 4217, in any case.
 * @param digits how many of its digits are behind the point: 2 for EUR, 0 for JPY.
 * @throws {RangeError} for a number that isn't a safe integer.
 */
export function moneyFromMinorUnits(minorUnits: number | bigint, currency: string, digits: number): Money {
  if (typeof minorUnits === 'number' && !Number.isSafeInteger(minorUnits)) {
    throw new RangeError(`${minorUnits} is no whole number of minor units.`)
  }
  const units = BigInt(minorUnits)
  const text = (units < 0n ? -units : units).toString().padStart(digits + 1, '0')
  const point = text.length - digits
  const amount = digits === 0 ? text : `${text.slice(0, point)}.${text.slice(point)}`
  return { amount: units < 0n ? `-${amount}` : amount, currency: currency.toUpperCase() }
}

/**
 * An amount in minor units (cents), for providers that ask for those.
 *
 * @param digits how many digits of the currency are behind the point: 2 for EUR, 0 for JPY.
 * @throws {RangeError} for text that is no decimal number, or one with more digits than the currency has.
 */
export function toMinorUnits(amount: string, digits: number): bigint {
  if (!decimalSchema.safeParse(amount).success) throw new RangeError(`"${amount}" is no decimal number.`)
  const [whole = '', fraction = ''] = amount.split('.')
  const kept = fraction.slice(0, digits).padEnd(digits, '0')
  if (/[1-9]/.test(fraction.slice(digits))) {
    throw new RangeError(`${amount} has more than the ${digits} digits behind the point that its currency knows.`)
  }
  return BigInt(`${whole}${kept}`)
}
