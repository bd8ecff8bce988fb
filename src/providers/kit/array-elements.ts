/**
 * The elements of a JSON array, each as the bytes that stand for it: parsing and writing them anew would round big numbers
 * and lose the order of members. None where the body is no JSON array.
 *
 * @example
 * split: ({ rawBody }) => arrayElements(rawBody)
 */
export function arrayElements(rawBody: Uint8Array): readonly Uint8Array[] {
  try {
    // Sees to it that the body is JSON; where the commas and brackets are is then enough.
    if (!Array.isArray(JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(rawBody))))
      return []
  } catch {
    return []
  }
  const elements: Uint8Array[] = []
  let depth = 0
  let start = 0
  let isText = false
  for (let at = 0; at < rawBody.length; at += 1) {
    // Bytes of UTF-8 beyond ASCII are none of these characters.
    const character = String.fromCharCode(rawBody[at] ?? 0)
    if (isText) {
      if (character === '\\') at += 1
      else if (character === '"') isText = false
    } else if (character === '"') isText = true
    else if (character === '[' || character === '{') {
      depth += 1
      if (depth === 1) start = at + 1
    } else if (character === ']' || character === '}' || character === ',') {
      if (depth === 1) {
        elements.push(trimmed(rawBody.subarray(start, at)))
        start = at + 1
      }
      if (character !== ',') depth -= 1
    }
  }
  return elements.filter(({ length }) => length > 0)
}

/** Without the spaces, tabs and line ends around it. */
function trimmed(bytes: Uint8Array): Uint8Array {
  const isSpace = (byte: number | undefined) => byte === 32 || byte === 9 || byte === 10 || byte === 13
  let [from, to] = [0, bytes.length]
  while (isSpace(bytes[from]) && from < to) from += 1
  while (isSpace(bytes[to - 1]) && to > from) to -= 1
  return bytes.slice(from, to)
}
