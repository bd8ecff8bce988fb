import { expect, test } from 'vitest'
import { isFernetKeyOf, isFernetToken, openFernet } from '../../../src/core/domain/fernet.ts'
import fixture from '../../fixtures/fernet/tokens.json' with { type: 'json' }

const key = Buffer.from(fixture.key, 'base64')
const derived = Buffer.from(fixture.derived.key, 'base64')

test.each(fixture.tokens)("opens what Python's cryptography made: $value", ({ value, token }) => {
  expect(isFernetToken(token)).toBe(true)
  expect(isFernetKeyOf(token, key)).toBe(true)
  expect(openFernet(token, key)).toEqual(value)
})

test('opens what was made with a key from the SECRET_KEY of Django', () => {
  expect(isFernetKeyOf(fixture.derivedToken, derived)).toBe(true)
  expect(isFernetKeyOf(fixture.derivedToken, key)).toBe(false)
  expect(openFernet(fixture.derivedToken, derived)).toEqual(fixture.tokens[0]?.value)
})

test('another key, one changed bit, or a token cut short: it is nobody’s', () => {
  expect(isFernetKeyOf(fixture.otherToken, key)).toBe(false)
  const bytes = Buffer.from(fixture.tokens[0]?.token ?? '', 'base64url')
  for (const at of bytes.keys()) {
    const changed = Buffer.from(bytes)
    changed[at] = (changed[at] ?? 0) ^ 1
    expect(isFernetKeyOf(changed.toString('base64url'), key)).toBe(false)
    expect(isFernetKeyOf(bytes.subarray(0, at).toString('base64url'), key)).toBe(false)
  }
})

test.each([
  ['notJson', 'no JSON'],
  ['bigNumber', 'too big'],
] as const)('what can’t be read exactly is refused: %s', (name, why) => {
  const open = () => openFernet(fixture[name], key)
  expect(open).toThrowError(
    expect.objectContaining({ code: 'SEALED_VALUE_MALFORMED', message: expect.stringContaining(why) }),
  )
})

test.each(['', 'v1.k1.AAAA.BBBB', '{"token":"x"}', 'gAAAA', 'hAAAAABrBb9p', 'gAAAAA.AAAA', 'gAAAAA AAAA'])(
  '%o is no Fernet token',
  (text) => {
    expect(isFernetToken(text)).toBe(false)
  },
)
