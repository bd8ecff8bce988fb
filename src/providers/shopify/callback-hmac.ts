import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * Whether the parameters that a browser came back with are signed with the application's secret: HMAC-SHA256 in hex over all
 * but `hmac`, sorted by name.
 *
 * https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant
 */
export function isSignedByShopify(query: URLSearchParams, clientSecret: string): boolean {
  const signed = [...query].filter(([name]) => name !== 'hmac').sort(([one], [other]) => (one < other ? -1 : 1))
  const names = [...query.keys()]
  // One that is there twice means something else to each who reads it.
  if (clientSecret === '' || new Set(names).size < names.length) return false
  const given = Buffer.from(query.get('hmac') ?? '', 'latin1')
  // Shopify's own libraries encode what they sign like a form; its documentation escapes only what would be ambiguous.
  const messages = [
    new URLSearchParams(signed).toString(),
    signed.map(([name, value]) => `${escaped(name).replaceAll('=', '%3D')}=${escaped(value)}`).join('&'),
  ]
  return messages.some((message) => {
    const right = Buffer.from(createHmac('sha256', clientSecret).update(message).digest('hex'), 'latin1')
    return given.length === right.length && timingSafeEqual(given, right)
  })
}

function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('&', '%26')
}
