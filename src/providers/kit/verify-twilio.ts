import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { DeliveryToVerify } from '../../core/domain/signature-custom.ts'

/**
 * Checks `X-Twilio-Signature`: HMAC-SHA1, in base64, over the URL and the fields of the form, sorted by name. Deliveries that are
 * no form name the SHA-256 of their body in the URL instead (`bodySHA256`).
 *
 * Twilio joins names and values without a separator, so that it is not told apart where one ends and the next begins, and
 * signs no instant.
 *
 * Source: https://www.twilio.com/docs/usage/webhooks/webhooks-security
 */
export function verifyTwilio({ rawBody, headers, url, secrets }: DeliveryToVerify): boolean {
  const received = headers['x-twilio-signature']
  if (received === undefined || url === null || !URL.canParse(url)) return false
  const bodyHash = new URL(url).searchParams.get('bodySHA256')
  const hasBodyHash = bodyHash !== null
  if (hasBodyHash && !isSame(createHash('sha256').update(rawBody).digest('hex'), bodyHash)) return false
  // Without a hash all of the body is taken for a form: what is none makes fields that nobody signed.
  const fields = hasBodyHash ? '' : joinedFields(rawBody)
  return secrets
    .flatMap((secret) => spellings(url).map((spelling) => sign(spelling + fields, secret)))
    .map((expected) => isSame(expected, received))
    .some(Boolean)
}

function sign(text: string, secret: string): string {
  return createHmac('sha1', secret).update(text).digest('base64')
}

/** `name + value`, by name; each value of a name once, sorted. */
function joinedFields(rawBody: Uint8Array): string {
  const form = new URLSearchParams(Buffer.from(rawBody).toString())
  const names = [...new Set(form.keys())].sort()
  return names.flatMap((name) => [...new Set(form.getAll(name))].sort().map((value) => name + value)).join('')
}

/**
 * The URL with and without its port: which of them Twilio signs depends on the product. A `Request` encodes an apostrophe
 * in the query, which Twilio signs as it is.
 */
function spellings(url: string): readonly string[] {
  const match = /^(https?:\/\/)((?:[^/?#@]*@)?(?:\[[^\]]*\]|[^/?#:]*))(?::(\d+))?(.*)$/is.exec(url)
  if (match === null) return [url]
  const [, scheme = '', host = '', port, rest = ''] = match
  const standard = scheme.toLowerCase() === 'https://' ? '443' : '80'
  return [rest, rest.replaceAll('%27', "'")].flatMap((end) => [
    scheme + host + end,
    `${scheme}${host}:${port ?? standard}${end}`,
  ])
}

function isSame(expected: string, received: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(received)]
  return a.length === b.length && timingSafeEqual(a, b)
}
