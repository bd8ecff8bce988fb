import { decodeLeniently } from './decode-leniently.ts'
import { redacted } from './redacted.ts'

const secretKey =
  /^(authorization|proxy-authorization|cookie|set-cookie|sig)$|^x-auth|token|secret|password|passwd|pwd|passphrase|jwt|assertion|api[-_]?key|access[-_]?key|private[-_]?key|signature|credential/i

/** Whether what stands under a name (of a header, a parameter, a member) is taken for a secret. */
export function isSecretName(name: string): boolean {
  return secretKey.test(name)
}

/** Replaces user info, and the values of secret names in query and fragment. */
export function redactUrl(url: string): string {
  return redactPairs(url.replace(/^(\s*[a-z][a-z0-9+.-]*:[/\\]*)[^/\\?#]*@/i, `$1${redacted}@`))
}

/** `name=value`, in a query, a form, a fragment or prose. */
function redactPairs(text: string): string {
  return text.replace(/(^|[?&#;\s])([^=&?#;\s]+)=([^&#]*)/g, (pair, separator: string, name: string) =>
    isSecretName(decodeLeniently(name)) ? `${separator}${name}=${redacted}` : pair,
  )
}

/** Replaces the values of secret names in JSON, also if it was cut off, in the texts within it, and in a form. */
export function redactBody(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed === 'object' && parsed !== null) {
      let isChanged = false
      const text = JSON.stringify(parsed, (key, value: unknown) => {
        const kept = key === '' || value === null || !isSecretName(key)
        // A text may be JSON, a form or an address in its turn.
        const shown = !kept ? redacted : typeof value === 'string' ? redactBody(value) : value
        isChanged ||= shown !== value
        return shown
      })
      // Written anew, big numbers would be rounded: what holds no secret stays as it was sent.
      return isChanged ? text : body
    }
  } catch {
    // Not JSON, cut off, or nested too deep: pairs are replaced where there are some.
  }
  return redactPairs(redactMembers(body))
}

/** `"name": value` in what may be a part of JSON. A secret object or list is cut off: its end is unknown. */
function redactMembers(text: string): string {
  let result = ''
  let end = 0
  for (const match of text.matchAll(/"([^"\\]{1,200})"\s*:\s*/g)) {
    const start = match.index + match[0].length
    if (start <= end || !isSecretName(match[1] ?? '')) continue
    result += `${text.slice(end, start)}"${redacted}"`
    end = endOfValue(text, start)
  }
  return result + text.slice(end)
}

function endOfValue(text: string, start: number): number {
  const first = text[start]
  if (first === '{' || first === '[') return text.length
  if (first !== '"') {
    const rest = text.slice(start).search(/[\s,}\]]/)
    return rest === -1 ? text.length : start + rest
  }
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at + 1
  }
  return text.length
}
