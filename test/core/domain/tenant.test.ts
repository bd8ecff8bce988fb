import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isConnectorsError } from '../../../src/core/domain/errors.ts'
import { isInScope, operatorScope, type TenantId, tenantScope, tenantText } from '../../../src/core/domain/tenant.ts'

const tenantIds: fc.Arbitrary<TenantId> = fc.oneof(
  fc.string({ minLength: 1, unit: 'binary' }),
  fc.maxSafeInteger(),
  fc.bigInt(),
)

// What callers without types may pass.
const refused: ReadonlyArray<readonly [string, unknown]> = [
  ['an empty string', ''],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['1.5', 1.5],
  ['9007199254740992', 2 ** 53],
  ['null', null],
  ['undefined', undefined],
  ['boolean', true],
  ['object', {}],
  ['object', [1]],
  ['object', new String('acme')],
  ['symbol', Symbol('acme')],
  ['function', () => 'acme'],
]

function refusal(act: () => unknown): string {
  try {
    act()
    return 'no refusal'
  } catch (error) {
    return isConnectorsError(error, 'INVALID_TENANT_ID') ? error.message : `another error: ${String(error)}`
  }
}

describe('the text of a tenant id', () => {
  test('is its one text form', () => {
    fc.assert(
      fc.property(tenantIds, (id) => {
        expect(tenantText(id)).toBe(String(id))
      }),
    )
    expect(tenantText(-0)).toBe('0')
    expect(tenantText(2n ** 100n)).toBe('1267650600228229401496703205376')
  })

  test('is the same for a number, a bigint and digits: a column of any type gives the same text', () => {
    expect([tenantText(1), tenantText(1n), tenantText('1')]).toEqual(['1', '1', '1'])
  })

  test('keeps ids apart that a lenient collation would mix up', () => {
    const ids = ['t1', 'T1', 't1 ', ' t1', 't\u0301', '01', '1', 'ﬁ', 'fi', '']
    expect(new Set(ids.slice(0, -1).map(tenantText)).size).toBe(ids.length - 1)
  })

  test.each(refused)('%s is refused by name', (name, id) => {
    const act = () => tenantText(id as TenantId)
    expect(refusal(act)).toBe(`A tenant id must be a non-empty string, a safe integer or a bigint, not ${name}.`)
    expect(refusal(() => tenantScope(id as TenantId))).toBe(refusal(act))
  })
})

describe('a scope', () => {
  test('of an operator sees every tenant', () => {
    fc.assert(
      fc.property(tenantIds, (id) => {
        expect(isInScope(operatorScope, id)).toBe(true)
      }),
    )
  })

  test('of a tenant sees its own rows and no others', () => {
    fc.assert(
      fc.property(tenantIds, tenantIds, (one, other) => {
        expect(isInScope(tenantScope(one), one)).toBe(true)
        expect(isInScope(tenantScope(one), other)).toBe(String(one) === String(other))
      }),
    )
    expect(isInScope(tenantScope('t1'), 'T1')).toBe(false)
    expect(isInScope(tenantScope('t1'), 't1 ')).toBe(false)
  })

  test('keeps the id in its own type', () => {
    expect(tenantScope(7n)).toEqual({ kind: 'tenant', tenantId: 7n })
  })

  test('of a tenant without an id cannot be asked, however it came to be', () => {
    const forged = { kind: 'tenant', tenantId: '' } as const
    expect(refusal(() => isInScope(forged, 'acme'))).toContain('an empty string')
    expect(refusal(() => isInScope(tenantScope('acme'), ''))).toContain('an empty string')
  })
})
