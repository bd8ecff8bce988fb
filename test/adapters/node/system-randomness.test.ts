import { expect, test } from 'vitest'
import { systemRandomness } from '../../../src/adapters/node/system-randomness.ts'

test('bytes are as many as asked for and come only once, also across what the system is asked for at a time', () => {
  const nonces = Array.from({ length: 1_000 }, () => systemRandomness.bytes(12))
  expect(nonces.every(({ length }) => length === 12)).toBe(true)
  expect(new Set(nonces.map((nonce) => Buffer.from(nonce).toString('hex'))).size).toBe(nonces.length)
  expect([0, 1, 64, 65, 5_000].map((length) => systemRandomness.bytes(length).length)).toEqual([0, 1, 64, 65, 5_000])
})

test('what was handed out keeps its bytes, whatever is asked for later', () => {
  const first = systemRandomness.bytes(32)
  const before = Buffer.from(first).toString('hex')
  for (let index = 0; index < 500; index += 1) systemRandomness.bytes(32).fill(0)
  expect(Buffer.from(first).toString('hex')).toBe(before)
})
