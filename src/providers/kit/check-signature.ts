import { coversHeader, type SignatureScheme } from '../../core/domain/signature.ts'
import { schemeMistake } from '../../core/domain/signature-mistake.ts'
import { invalidProvider } from './invalid-provider.ts'

/**
 * Checks how webhooks are signed and where their id stands.
 *
 * @throws {ConnectorsError} `INVALID_PROVIDER`, naming the mistake.
 */
export function checkSignature(
  who: string,
  { signature, deliveryId }: { readonly signature?: unknown; readonly deliveryId?: unknown },
): void {
  const mistake = schemeMistake(signature)
  if (mistake !== null) throw invalidProvider(who, `\`webhooks.signature\`: ${mistake}`)
  if (deliveryId === null) return
  const { header, body, each, isSigned } = (deliveryId ?? {}) as Readonly<Record<string, unknown>>
  if (typeof (header ?? body) !== 'string' && each !== true) {
    throw invalidProvider(
      who,
      '`webhooks.deliveryId` must be null, { each: true }, or name a header or a member of the body',
    )
  }
  if (header === undefined) return
  // Headers of a delivery are looked up by their lower-case names; anything else would never be found.
  if (header !== String(header).toLowerCase()) {
    throw invalidProvider(who, `the header name ${JSON.stringify(header)} in \`webhooks\` must be in lower case`)
  }
  // schemeMistake() found it to be a scheme.
  if (isSigned === true && coversHeader(signature as SignatureScheme, String(header)) === false) {
    throw invalidProvider(
      who,
      `the signature doesn't cover the header ${header}: \`deliveryId.isSigned\` must be false`,
    )
  }
}
