import type { SignedDelivery } from './signature-layout.ts'

/** What a provider's own verification is given. */
export interface DeliveryToVerify extends SignedDelivery {
  /** The secrets that are live; at least one, none of them empty. */
  readonly secrets: readonly string[]
  readonly now: Date
}

/** A signature that no data describes. */
export interface CustomScheme {
  readonly kind: 'custom'
  /**
   * Whether the delivery is genuine: `true` and nothing else. It must compare in constant time (`timingSafeEqual` of
   * `node:crypto`), cover the raw bytes, and not be async; whatever it throws is a rejection.
   */
  readonly verify: (delivery: DeliveryToVerify) => boolean
}

/** Why a delivery isn't genuine, or `null` if it is. */
export function customMistake({ verify }: CustomScheme, delivery: DeliveryToVerify): string | null {
  let answer: unknown
  try {
    answer = verify(delivery)
  } catch {
    // Without its message: it may quote what it was given.
    return "the provider's verify threw"
  }
  if (answer === true) return null
  if (answer === false) return "the provider's verify found no valid signature"
  // A promise that nobody waits for: its failure must not end the process.
  if (answer instanceof Promise) answer.catch(() => {})
  return "the provider's verify must answer true or false, at once"
}
