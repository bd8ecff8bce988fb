import { moneyFromMinorUnits, moneySchema, toMinorUnits } from 'bapp-connectors/families/shop'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

describe('minor units', () => {
  test.each([
    [1230, 'eur', 2, '12.30'],
    [5, 'usd', 2, '0.05'],
    [0, 'usd', 2, '0.00'],
    [-5, 'usd', 2, '-0.05'],
    [500, 'jpy', 0, '500'],
    [1, 'kwd', 3, '0.001'],
    [9_007_199_254_740_991, 'eur', 2, '90071992547409.91'],
    [123_456_789_012_345_678_901n, 'eur', 2, '1234567890123456789.01'],
  ] as const)('%s of %s with %s digits is %s', (units, currency, digits, amount) => {
    expect(moneyFromMinorUnits(units, currency, digits)).toEqual({ amount, currency: currency.toUpperCase() })
  })

  test('an amount that went through floating point is refused, not rounded', () => {
    expect(() => moneyFromMinorUnits(0.1 + 0.2, 'EUR', 2)).toThrow('no whole number of minor units')
    expect(() => moneyFromMinorUnits(2 ** 53, 'EUR', 2)).toThrow('no whole number of minor units')
  })

  test('more digits than the currency has are refused, zeros apart', () => {
    expect(toMinorUnits('12.3400', 2)).toBe(1234n)
    expect(() => toMinorUnits('12.345', 2)).toThrow('12.345 has more than the 2 digits')
    expect(() => toMinorUnits('1,50', 2)).toThrow('"1,50" is no decimal number')
    expect(() => toMinorUnits('1e3', 2)).toThrow('no decimal number')
  })

  test('every amount comes back as it was, and is money by the schema', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
        fc.integer({ min: 0, max: 4 }),
        (units, digits) => {
          const money = moneyFromMinorUnits(units, 'EUR', digits)
          expect(moneySchema.parse(money)).toEqual(money)
          expect(toMinorUnits(money.amount, digits)).toBe(units)
        },
      ),
    )
  })
})

test('a number is no amount, and a currency is three capitals', () => {
  expect(moneySchema.safeParse({ amount: 12.3, currency: 'EUR' }).success).toBe(false)
  expect(moneySchema.safeParse({ amount: '012.3', currency: 'EUR' }).success).toBe(false)
  expect(moneySchema.safeParse({ amount: '12.3', currency: 'eur' }).success).toBe(false)
})
