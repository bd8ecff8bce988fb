import { ConnectorsError } from '../domain/errors.ts'
import type { ParsedWebhookEvent, WebhookSupport } from '../domain/provider.ts'
import { coversHeader } from '../domain/signature.ts'
import { schemeMistake } from '../domain/signature-mistake.ts'
import type { ReceiveOverrides } from '../domain/webhook-outcome.ts'
import { anything, checkFields, type FieldCheck } from './check-fields.ts'

const fields = {
  scheme: anything,
  secrets: {
    is: (value) => Array.isArray(value) && value.every((secret) => typeof secret === 'string' && secret !== ''),
    mustBe: 'a list of texts that are not empty',
  },
} satisfies Record<keyof ReceiveOverrides, FieldCheck>

/**
 * A provider's webhooks, as a route of the user's own verifies them.
 *
 * @throws {ConnectorsError} `INVALID_INPUT` for an unknown key or a faulty scheme: it would reject everything, or accept more
 *   than it says.
 */
export function withOverrides(
  support: WebhookSupport<ParsedWebhookEvent>,
  overrides: ReceiveOverrides,
): WebhookSupport<ParsedWebhookEvent> {
  checkFields('What webhooks.receive is told', overrides, fields)
  const { scheme } = overrides
  if (scheme === undefined) return support
  const mistake = schemeMistake(scheme)
  if (mistake !== null) throw new ConnectorsError('INVALID_INPUT', `The scheme of webhooks.receive: ${mistake}.`)
  const { deliveryId } = support
  const changed = {
    signature: scheme,
    // What the provider says of its own scheme needn't hold for this one.
    deliveryId:
      deliveryId !== null && 'header' in deliveryId
        ? { ...deliveryId, isSigned: coversHeader(scheme, deliveryId.header) === true }
        : deliveryId,
  }
  // Not a copy: the provider's object may be of a class, with methods that a copy would lack.
  return Object.assign(Object.create(support) as typeof support, changed)
}
