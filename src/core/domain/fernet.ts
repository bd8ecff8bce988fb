import { createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto'
import { ConnectorsError } from './errors.ts'

/*
 * Fernet (https://github.com/fernet/spec), what Python's cryptography makes of a secret, and the ancestor of this library
 * stored: version 0x80, 8 bytes of time, 16 of IV, AES-128-CBC, HMAC-SHA256 over it all. It has no key id and isn't bound to
 * a place: values are only read, and sealed anew.
 */
const version = 0x80
const headerLength = 1 + 8 + 16
const macLength = 32
const blockLength = 16

/** Whether a stored text is a Fernet token, by its form: ours have dots, these begin with the version and zeros of the time. */
export function isFernetToken(text: string): boolean {
  return /^gAAAA[\w-]+={0,2}$/.test(text)
}

/** Whether a key (32 bytes: half signs, half encrypts) made the token. */
export function isFernetKeyOf(token: string, key: Uint8Array): boolean {
  const bytes = Buffer.from(token, 'base64url')
  const cipherLength = bytes.length - headerLength - macLength
  if (bytes[0] !== version || cipherLength < blockLength || cipherLength % blockLength !== 0) return false
  const mac = createHmac('sha256', key.subarray(0, 16)).update(bytes.subarray(0, -macLength)).digest()
  return timingSafeEqual(mac, bytes.subarray(-macLength))
}

/**
 * Opens a token as the JSON that it holds. The key has to be the one that made it: {@link isFernetKeyOf}.
 *
 * @throws {ConnectorsError} `SEALED_VALUE_MALFORMED` when it holds no JSON, or a number that JavaScript can't hold exactly.
 */
export function openFernet(token: string, key: Uint8Array): unknown {
  const bytes = Buffer.from(token, 'base64url')
  const decryption = createDecipheriv('aes-128-cbc', key.subarray(16), bytes.subarray(9, headerLength))
  try {
    const plaintext = Buffer.concat([
      decryption.update(bytes.subarray(headerLength, -macLength)),
      decryption.final(),
    ]).toString()
    return JSON.parse(plaintext, (_name, value: unknown) => {
      // Sealed anew, the rounded number would be all that is left.
      if (Number.isInteger(value) && !Number.isSafeInteger(value)) throw new RangeError('a number is too big')
      return value
    })
  } catch (error) {
    const why = error instanceof RangeError ? 'a number in it is too big for JavaScript' : 'it holds no JSON'
    throw new ConnectorsError('SEALED_VALUE_MALFORMED', `A Fernet token can't be read: ${why}.`)
  }
}
