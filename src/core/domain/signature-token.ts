import { createHash, timingSafeEqual } from 'node:crypto'

/**
 * A fixed secret in a header. It proves that the sender knows the secret, and nothing about the body: who captured one
 * delivery can send any other.
 */
export interface TokenScheme {
  readonly kind: 'token'
  /** Header that carries the token, in lower case. */
  readonly header: string
  /** Text before it, e.g. `Bearer `; default none. */
  readonly prefix?: string
}

/** Whether a text is one of the secrets, in a time that tells nothing about them, their lengths included. */
export function isOneOfTokens(received: string, secrets: readonly string[]): boolean {
  return secrets.map((secret) => timingSafeEqual(digest(secret), digest(received))).some(Boolean)
}

function digest(text: string): Uint8Array {
  return createHash('sha256').update(text).digest()
}
