/** Makes the ids of new rows. */
export interface Ids {
  /** A new uuid v7 in lower case: later ids sort after earlier ones. */
  readonly next: () => string
}

/** Chance, from outside. */
export interface Randomness {
  /** Cryptographically strong random bytes. */
  readonly bytes: (length: number) => Uint8Array
  /** A number from 0 (inclusive) to 1 (exclusive), for jitter. */
  readonly fraction: () => number
}
