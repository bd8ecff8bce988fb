import { ConnectorsError } from '../../core/domain/errors.ts'
import { type Money, moneyFromMinorUnits, toMinorUnits } from '../../families/money.ts'

// https://docs.stripe.com/currencies#zero-decimal. ISK and UGX have no decimals either, but are given and asked for with
// two, for the sake of older integrations; HUF and TWD are without decimals in payouts only.
const zeroDecimals: ReadonlySet<string> = new Set(
  'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '),
)
// https://docs.stripe.com/currencies#three-decimal
const threeDecimals: ReadonlySet<string> = new Set('BHD JOD KWD OMR TND'.split(' '))
// https://docs.stripe.com/currencies#special-cases
const wholeUnitsOnly: ReadonlySet<string> = new Set(['ISK', 'UGX'])

/** How many digits behind the point Stripe's amounts in a currency have. */
function stripeDigits(currency: string): number {
  const code = currency.toUpperCase()
  if (zeroDecimals.has(code)) return 0
  return threeDecimals.has(code) ? 3 : 2
}

/** An amount as Stripe gives it. */
export function moneyFromStripe(amount: number, currency: string): Money {
  return moneyFromMinorUnits(amount, currency, stripeDigits(currency))
}

/**
 * An amount as Stripe asks for it.
 *
 * @throws {ConnectorsError} `INVALID_INPUT` for what is no decimal number above 0, or has more digits than Stripe takes:
 * none behind the point for ISK and UGX, two for currencies with three.
 */
export function moneyToStripe({ amount, currency }: Money): number {
  const code = currency.toUpperCase()
  if (!/^[A-Z]{3}$/.test(code)) throw invalid('The currency must be an ISO 4217 code such as EUR.')
  const units = minorUnits(amount, code)
  if (units <= 0n) throw invalid(`The amount must be above 0, but is ${amount}.`)
  if (units > BigInt(Number.MAX_SAFE_INTEGER)) throw invalid(`The amount ${amount} is too large.`)
  if (wholeUnitsOnly.has(code) && units % 100n !== 0n) {
    throw invalid(`Stripe takes whole amounts in ${code} only, but the amount is ${amount}.`)
  }
  if (threeDecimals.has(code) && units % 10n !== 0n) {
    throw invalid(`Stripe takes two digits behind the point in ${code}, but the amount is ${amount}.`)
  }
  return Number(units)
}

function minorUnits(amount: string, code: string): bigint {
  try {
    return toMinorUnits(amount, stripeDigits(code))
  } catch (error) {
    throw new ConnectorsError('INVALID_INPUT', error instanceof Error ? error.message : 'The amount is invalid.')
  }
}

function invalid(message: string): ConnectorsError {
  return new ConnectorsError('INVALID_INPUT', message)
}
