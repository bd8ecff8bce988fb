import { ConnectorsError } from '../../core/domain/errors.ts'

/** How requests of a connection prove who is asking: the headers they carry, and what must never be printed. */
export interface AuthStrategy {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Values that are cut out of error messages, should the provider echo them. */
  readonly secrets: readonly string[]
}

// What HTTP allows in a header value (RFC 9110, 5.5) without the obsolete bytes above 0x7f.
const sendable = /^[\x20-\x7e]*$/

function strategy(name: string, value: string, secrets: readonly string[]): AuthStrategy {
  if (!sendable.test(value)) {
    throw new ConnectorsError(
      'INVALID_CREDENTIALS',
      `The credentials can't be sent in the header ${name.toLowerCase()}: they hold a line break or another character ` +
        'that HTTP does not allow there. Copy them again without surrounding white space.',
    )
  }
  return { headers: { [name.toLowerCase()]: value }, secrets: secrets.filter((secret) => secret !== '') }
}

/**
 * `Authorization: Bearer <token>`.
 *
 * @throws {ConnectorsError} `INVALID_CREDENTIALS` if the token can't be part of a header.
 */
export function bearer(token: string): AuthStrategy {
  return strategy('authorization', `Bearer ${token}`, [token])
}

/** `Authorization: Basic <base64 of user:password>` (RFC 7617, UTF-8). */
export function basic(user: string, password: string): AuthStrategy {
  const encoded = Buffer.from(`${user}:${password}`, 'utf8').toString('base64')
  return strategy('authorization', `Basic ${encoded}`, [password, encoded])
}

/**
 * A header of the provider's own, e.g. `header('x-api-key', key)`.
 *
 * @throws {ConnectorsError} `INVALID_CREDENTIALS` if the value can't be part of a header.
 */
export function header(name: string, value: string): AuthStrategy {
  return strategy(name, value, [value])
}

/** No authentication at all. */
export function none(): AuthStrategy {
  return { headers: {}, secrets: [] }
}
