import assert from 'node:assert/strict'
import type { WebhookEvent } from '../../core/domain/webhook-event.ts'

/** Asserts that a stored delivery is this one; the bytes may come back in any kind of `Uint8Array`. */
export function sameEvent(actual: WebhookEvent | null | undefined, expected: WebhookEvent): void {
  assert.ok(actual, 'the delivery is not there')
  assert.ok(actual.rawBody instanceof Uint8Array)
  assert.deepEqual(comparable(actual), comparable(expected))
}

function comparable(event: WebhookEvent): object {
  return { ...event, rawBody: Buffer.from(event.rawBody).toString('hex') }
}
