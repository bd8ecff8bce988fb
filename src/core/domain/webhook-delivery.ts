import { createHash } from 'node:crypto'
import type { Json } from './json.ts'
import { isStorableText } from './storable-text.ts'

/** Values nested deeper than this are not kept as JSON: MariaDB takes them for no JSON and refuses the row. */
const maxDepth = 31

/** The JSON of a body, or `undefined` if it isn't JSON. */
export function parseJsonBody(rawBody: Uint8Array): Json | undefined {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(rawBody)) as Json
  } catch {
    return undefined
  }
}

/** Whether every database can hold a value: no NUL, no half of a surrogate pair, no number over the range, not too deep. */
export function isStorableJson(value: Json, depth = 0): boolean {
  if (typeof value === 'string') return isStorableText(value)
  // JSON.parse makes Infinity of 1e400, and JSON.stringify makes null of that.
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  if (depth >= maxDepth) return false
  if (Array.isArray(value)) return value.every((item: Json) => isStorableJson(item, depth + 1))
  return Object.entries(value).every(
    // Some database clients lose a member of this name.
    ([key, item]) => key !== '__proto__' && isStorableText(key) && isStorableJson(item, depth + 1),
  )
}

/** The provider's id of a delivery. */
export interface DeliveryId {
  readonly value: string
  /** Whether the signature covers it. */
  readonly isSigned: boolean
}

/**
 * What makes two deliveries the same one. The provider's id alone counts only where the signature covers it: otherwise
 * a forger could take a genuine id with another body, or repeat a genuine body under another id.
 */
export function idempotencyKey(deliveryId: DeliveryId | null, rawBody: Uint8Array): string {
  const hash = createHash('sha256')
  if (deliveryId === null) hash.update('body\n').update(rawBody)
  else if (deliveryId.isSigned) hash.update('id\n').update(deliveryId.value)
  // The length keeps id and body apart.
  else
    hash
      .update(`id+body\n${Buffer.byteLength(deliveryId.value)}\n`)
      .update(deliveryId.value)
      .update(rawBody)
  return hash.digest('hex')
}

/** What deliveries about one thing of a connection have in common, and no others. */
export function orderKeyOf(connectionId: string, entity: string): string {
  return createHash('sha256').update(`order\n${connectionId}\n${entity}`).digest('hex')
}

/** The key of an event that came with others in one delivery and has no id of its own: that delivery's, and its place in it. */
export function pieceKey(wholeKey: string, index: number): string {
  return createHash('sha256').update(`piece\n${wholeKey}\n${index}`).digest('hex')
}
