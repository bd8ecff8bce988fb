import { randomBytes } from 'node:crypto'
import type { Randomness } from '../../core/ports/randomness.ts'

/** Chance of the machine: bytes from its cryptographic source; fractions are for jitter only. */
export const systemRandomness: Randomness = {
  bytes: (length) => randomBytes(length),
  fraction: () => Math.random(),
}
