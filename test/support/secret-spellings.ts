import { redacted } from '../../src/core/domain/redacted.ts'

/** Ways in which a secret may be written, by name. */
export const encodings: ReadonlyArray<readonly [string, (secret: string) => string]> = [
  ['as it is', (secret) => secret],
  ['url-encoded', encodeURIComponent],
  ['url-encoded in lower case', (secret) => encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase())],
  [
    'url-encoded to the last character',
    (secret) => Array.from(Buffer.from(secret), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  ],
  ['url-encoded twice', (secret) => encodeURIComponent(encodeURIComponent(secret))],
  ['in a form', (secret) => new URLSearchParams({ q: secret }).toString().slice(2)],
  ['in a string of JSON', (secret) => JSON.stringify(secret)],
  ['in JSON within JSON', (secret) => JSON.stringify(JSON.stringify(secret))],
  [
    'in JSON in ASCII with slashes escaped',
    (secret) =>
      JSON.stringify(secret)
        .replaceAll('/', '\\/')
        .replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  ],
  ['in base64', (secret) => Buffer.from(secret).toString('base64')],
  ['in base64url', (secret) => Buffer.from(secret).toString('base64url')],
]

/** Whether the secret can be read from the text in any of the ways a reader would try. */
export function canBeRead(secret: string, text: string): boolean {
  return encodings.some(([, encode]) => {
    const spelled = encode(secret).replace(/^"(.*)"$/s, '$1')
    return spelled !== '' && !redacted.includes(spelled) && text.includes(spelled)
  })
}
