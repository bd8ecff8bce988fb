import { randomBytes, randomFillSync } from 'node:crypto'
import type { Randomness } from '../../core/ports/randomness.ts'

// A request to the system costs more than sealing a credential: small ones are served from what was asked for at once.
const pool = Buffer.alloc(4_096)
const mostFromPool = 64
let usedCount = pool.length

function bytes(length: number): Uint8Array {
  if (length > mostFromPool) return randomBytes(length)
  if (usedCount + length > pool.length) {
    randomFillSync(pool)
    usedCount = 0
  }
  const taken = Uint8Array.from(pool.subarray(usedCount, usedCount + length))
  // What was handed out is nobody else's any more.
  pool.fill(0, usedCount, usedCount + length)
  usedCount += length
  return taken
}

/** Chance of the machine: bytes from its cryptographic source; fractions are for jitter only. */
export const systemRandomness: Randomness = {
  bytes,
  fraction: () => Math.random(),
}
