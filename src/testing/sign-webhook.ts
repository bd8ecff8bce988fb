import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { ConnectorsError } from '../core/domain/errors.ts'
import type { SignatureScheme } from '../core/domain/signature.ts'
import { encodeSignature } from '../core/domain/signature-encoding.ts'
import { hmacKey, hmacSignature } from '../core/domain/signature-hmac.ts'
import { type SignatureLayout, signedMessage } from '../core/domain/signature-layout.ts'
import { schemeMistake } from '../core/domain/signature-mistake.ts'
import {
  type StandardWebhooksScheme,
  standardHeaders,
  standardKey,
  standardMessage,
  standardSignature,
} from '../core/domain/signature-standard-webhooks.ts'

/** What an Ed25519 private key of 32 bytes has in front of it in PKCS #8 (RFC 8410). */
const ed25519Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

/** A delivery that is to be signed. */
export interface WebhookToSign {
  readonly rawBody: Uint8Array
  /**
   * The connection's webhook secret. For public keys the private one: PKCS #8, as PEM or as DER in base64; for `v1a` of
   * Standard Webhooks `whsk_` and base64.
   */
  readonly secret: string
  /** When it is sent. A timestamp that belongs into the body must be there already. */
  readonly now: Date
  /** Id of the delivery, for Standard Webhooks; default `msg_test`. */
  readonly id?: string
  /** Absolute; for schemes that sign it. */
  readonly url?: string
  /** Headers that the scheme signs, in lower case. */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * The headers that a service would send with a delivery, so that your tests can play the service.
 *
 * @example
 * const rawBody = Buffer.from('{"id":"evt_1","type":"invoice.paid"}')
 * const headers = signWebhook(signatures.stripe, { rawBody, secret: 'whsec_test', now: new Date() })
 * await connectors.operator.webhooks.receive(connectionId, { headers, body: rawBody })
 *
 * @throws {ConnectorsError} `INVALID_INPUT` for a scheme that is a function, or a secret that isn't of the scheme's form.
 */
export function signWebhook(scheme: SignatureScheme, delivery: WebhookToSign): Readonly<Record<string, string>> {
  const mistake = schemeMistake(scheme)
  if (mistake !== null) throw new ConnectorsError('INVALID_INPUT', `signWebhook: ${mistake}.`)
  switch (scheme.kind) {
    case 'hmac': {
      const key = hmacKey(delivery.secret, scheme.secretForm) ?? badSecret(scheme.secretForm ?? 'text')
      return layOut(scheme, delivery, (message) => hmacSignature(scheme, message, key))
    }
    case 'public-key': {
      const key = privateKey(delivery.secret)
      const algorithm = scheme.algorithm === 'ed25519' ? null : 'sha256'
      return layOut(scheme, delivery, (message) => encodeSignature(sign(algorithm, message, key), scheme.encoding))
    }
    case 'standard-webhooks':
      return standard(scheme, delivery)
    case 'token':
      return { ...delivery.headers, [scheme.header]: (scheme.prefix ?? '') + delivery.secret }
    case 'unsigned':
      return { ...delivery.headers }
    case 'custom':
      throw new ConnectorsError(
        'INVALID_INPUT',
        'signWebhook signs schemes that are data: sign this one as the service does.',
      )
  }
}

function layOut(
  layout: SignatureLayout,
  { rawBody, url, headers = {}, now }: WebhookToSign,
  write: (message: Uint8Array) => string,
): Readonly<Record<string, string>> {
  const { header, prefix = '', field, fieldSeparator = ',', timestamp: rule } = layout
  const from = rule?.from
  const count = String(Math.floor(now.getTime() / (rule?.unit === 'ms' ? 1 : 1_000)))
  const timestamp = from === undefined || 'body' in from ? null : count
  const message = signedMessage(layout, { rawBody, url: url ?? null, headers }, timestamp)
  if (!(message instanceof Uint8Array)) throw new ConnectorsError('INVALID_INPUT', `signWebhook: ${message.reason}.`)
  const signature = prefix + write(message)
  const stamp = from !== undefined && 'field' in from ? [`${from.field}=${count}`] : []
  return {
    ...headers,
    ...(from !== undefined && 'header' in from && { [from.header]: count }),
    [header]: field === undefined ? signature : [...stamp, `${field}=${signature}`].join(fieldSeparator),
  }
}

function standard(scheme: StandardWebhooksScheme, delivery: WebhookToSign): Readonly<Record<string, string>> {
  const { secret, now, rawBody, id = 'msg_test', headers } = delivery
  const names = standardHeaders(scheme)
  const timestamp = String(Math.floor(now.getTime() / 1_000))
  const message = standardMessage(Buffer.from(id, 'latin1'), timestamp, rawBody)
  const signature = secret.startsWith('whsk_')
    ? `v1a,${sign(null, message, standardPrivateKey(secret)).toString('base64')}`
    : `v1,${standardSignature(message, standardKey(secret) ?? badSecret('whsec_ and base64'))}`
  return { ...headers, [names.id]: id, [names.timestamp]: timestamp, [names.signature]: signature }
}

/** `whsk_` holds 32 bytes, or 64: the public key follows. */
function standardPrivateKey(secret: string): KeyObject {
  const bytes = Buffer.from(secret.slice('whsk_'.length), 'base64')
  const der = Buffer.concat([ed25519Prefix, bytes.subarray(0, 32)])
  return privateKey(der.toString('base64'))
}

function privateKey(text: string): KeyObject {
  try {
    return text.startsWith('-----')
      ? createPrivateKey(text)
      : createPrivateKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'pkcs8' })
  } catch {
    return badSecret('a private key, PKCS #8 as PEM or as DER in base64')
  }
}

function badSecret(form: string): never {
  throw new ConnectorsError('INVALID_INPUT', `signWebhook: the secret must be ${form}.`)
}
