import { signatureEncodings } from './signature-encoding.ts'
import { hmacAlgorithms, secretForms } from './signature-hmac.ts'
import { publicKeyAlgorithms, publicKeyForms } from './signature-public-key.ts'

/**
 * What is wrong with a scheme, or `null` if nothing is. Schemes are also written in JavaScript, and a scheme that says less
 * than it means (a tolerance of 0, a timestamp that isn't signed) must not pass for a weaker one.
 */
export function schemeMistake(scheme: unknown): string | null {
  if (!isRecord(scheme)) return 'the signature scheme must be an object'
  switch (scheme.kind) {
    case 'hmac':
      return (
        oneOf('algorithm', scheme.algorithm, hmacAlgorithms) ??
        oneOf('secretForm', scheme.secretForm ?? 'text', secretForms) ??
        layoutMistake(scheme)
      )
    case 'public-key':
      return (
        oneOf('algorithm', scheme.algorithm, publicKeyAlgorithms) ??
        oneOf('keyForm', scheme.keyForm, publicKeyForms) ??
        (scheme.algorithm !== 'ed25519' && scheme.keyForm !== 'spki-base64'
          ? `a key for ${String(scheme.algorithm)} must be spki-base64`
          : null) ??
        layoutMistake(scheme)
      )
    case 'standard-webhooks':
      return (
        headerMistake('headerPrefix', scheme.headerPrefix ?? 'webhook') ?? toleranceMistake(scheme.toleranceMs ?? 1)
      )
    case 'token':
      return headerMistake('header', scheme.header) ?? textMistake('prefix', scheme.prefix)
    case 'custom':
      return typeof scheme.verify === 'function' ? null : 'a custom signature scheme must have the function `verify`'
    case 'unsigned':
      return null
    default:
      return `unknown signature scheme ${String(scheme.kind)}`
  }
}

function layoutMistake(scheme: Readonly<Record<string, unknown>>): string | null {
  const { header, encoding, prefix, field, fieldSeparator = ',', signed = ['body'], timestamp } = scheme
  return (
    headerMistake('header', header) ??
    oneOf('encoding', encoding, signatureEncodings) ??
    textMistake('prefix', prefix) ??
    textMistake('field', field) ??
    oneOf('fieldSeparator', fieldSeparator, [',', ';']) ??
    signedMistake(signed) ??
    timestampRuleMistake(timestamp, signed as readonly unknown[], field)
  )
}

function signedMistake(signed: unknown): string | null {
  if (!Array.isArray(signed)) return '`signed` must be a list'
  for (const part of signed) {
    if (['body', 'url', 'timestamp'].includes(part)) continue
    if (isRecord(part) && typeof part.text === 'string') continue
    const mistake = isRecord(part) ? headerMistake('header', part.header) : `unknown part ${String(part)} in \`signed\``
    if (mistake !== null) return mistake
  }
  return signed.includes('body') ? null : '`signed` must contain the body: anybody could replace it'
}

function timestampRuleMistake(timestamp: unknown, signed: readonly unknown[], field: unknown): string | null {
  if (timestamp === undefined) {
    return signed.includes('timestamp')
      ? '`signed` has a timestamp, but `timestamp` does not say where it stands'
      : null
  }
  if (!isRecord(timestamp) || !isRecord(timestamp.from))
    return '`timestamp.from` must be a header, a field or a body member'
  const { from, unit = 's', toleranceMs = 1 } = timestamp
  const placeMistake =
    'header' in from
      ? headerMistake('header', from.header)
      : (nameMistake('timestamp.from', from.body ?? from.field) ??
        ('field' in from && field === undefined ? '`timestamp.from.field` needs a signature in a `field`' : null))
  const isCovered = 'body' in from || signed.includes('timestamp')
  return (
    placeMistake ??
    oneOf('timestamp.unit', unit, ['s', 'ms']) ??
    toleranceMistake(toleranceMs) ??
    (isCovered ? null : '`signed` must contain the timestamp: anybody could replace it')
  )
}

function toleranceMistake(value: unknown): string | null {
  return typeof value === 'number' && Number.isFinite(value) && value > 0
    ? null
    : `\`toleranceMs\` must be a number of milliseconds above 0, got ${String(value)}`
}

function headerMistake(field: string, value: unknown): string | null {
  // Headers of a delivery are looked up by their lower-case names; anything else would never be found.
  return typeof value === 'string' && /^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(value)
    ? null
    : `\`${field}\` of the signature must be the name of a header, in lower case; got ${JSON.stringify(value)}`
}

function textMistake(field: string, value: unknown): string | null {
  return value === undefined || typeof value === 'string' ? null : `\`${field}\` must be a text`
}

function nameMistake(field: string, value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? null : `\`${field}\` must be a name`
}

function oneOf(field: string, value: unknown, known: readonly unknown[]): string | null {
  return known.includes(value) ? null : `\`${field}\` must be one of ${known.join(', ')}; got ${String(value)}`
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
