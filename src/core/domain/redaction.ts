import { redactKnown, spellings } from './redact-known.ts'
import { isSecretName, redactBody, redactUrl } from './redact-named.ts'
import { redacted } from './redacted.ts'

/** Takes secrets out of text: by the key they stand under, and by value. */
export interface Redactor {
  /** Every known secret value is replaced, also url-encoded, escaped as in JSON, in base64 and in hex. */
  readonly text: (text: string) => string
  /** User info and secret query parameters are replaced, then every known value. */
  readonly url: (url: string) => string
  /** Headers that carry secrets by name are replaced, then every known value. */
  readonly headers: (headers: Readonly<Record<string, string>>) => Record<string, string>
  /** Secret members of a JSON or form body are replaced, also if it was cut off, then every known value. */
  readonly body: (body: string) => string
}

/** A redactor that knows these secret values. Those of fewer than four characters are known by their keys only. */
export function createRedactor(secrets: readonly string[]): Redactor {
  const needles = [...new Set(secrets.flatMap(spellings))]
  const text = (value: string) => redactKnown(value, needles)
  return {
    text,
    url: (url) => text(redactUrl(url)),
    headers: (headers) =>
      Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, isSecretName(name) ? redacted : text(value)]),
      ),
    body: (body) => text(redactBody(body)),
  }
}

/** Every string inside a value, however deep: the secrets of opened credentials. */
export function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  if (value instanceof Map || value instanceof Set) return [...value].flatMap(stringsIn)
  return Object.values(value).flatMap(stringsIn)
}
