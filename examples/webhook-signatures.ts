import type { createConnectors, SignatureScheme } from 'bapp-connectors'
import { signatures } from 'bapp-connectors/providers'
import { signWebhook } from 'bapp-connectors/testing'

/** `at=<milliseconds>;sig=<base64url>` over instant, delivery id and body. */
export const acmeSignature: SignatureScheme = {
  kind: 'hmac',
  algorithm: 'sha512',
  encoding: 'base64url',
  header: 'x-acme-signature',
  field: 'sig', // of `at=…;sig=…`
  fieldSeparator: ';',
  signed: ['timestamp', { text: '.' }, { header: 'x-acme-delivery' }, { text: '.' }, 'body'],
  timestamp: { from: { field: 'at' }, unit: 'ms', toleranceMs: 60_000 },
}

/** Plays Stripe in a test: answers what became of the delivery. */
export async function deliverLikeStripe(
  connectors: Pick<ReturnType<typeof createConnectors>, 'operator'>,
  connectionId: string,
): Promise<string> {
  const rawBody = Buffer.from(JSON.stringify({ id: 'evt_1', type: 'invoice.paid' }))
  const headers = signWebhook(signatures.stripe, { rawBody, secret: 'whsec_test', now: new Date() })
  const outcome = await connectors.operator.webhooks.receive(connectionId, { headers, body: rawBody })
  return outcome.status
}
