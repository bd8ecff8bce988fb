import { ConnectorsError } from '../../core/domain/errors.ts'

/** The number in a global id: `gid://shopify/Order/1` is `1`, which Shopify's REST API and webhooks call the order. */
export function idOf(gid: string): string {
  return gid.replace(/\?.*$/s, '').slice(gid.lastIndexOf('/') + 1)
}

/**
 * A global id, of a number or of one that is global already.
 *
 * @throws {ConnectorsError} `INVALID_INPUT` for what can be no id of that type.
 */
export function gidOf(type: string, externalId: string): string {
  const prefix = `gid://shopify/${type}/`
  const number = String(externalId).startsWith(prefix) ? externalId.slice(prefix.length) : externalId
  if (typeof number === 'string' && /^[1-9]\d{0,19}$/.test(number)) return `${prefix}${number}`
  throw new ConnectorsError(
    'INVALID_INPUT',
    `An id of Shopify is a positive whole number, as text, or ${prefix}<number>.`,
  )
}
