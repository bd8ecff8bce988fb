/** What a `prisma.config.ts` says about where the schema is. */
export type ConfiguredSchema =
  | { readonly status: 'absent' }
  | { readonly status: 'literal'; readonly path: string }
  /** It is computed; only running the file would tell. */
  | { readonly status: 'computed' }

const string = String.raw`(?:"[^"\\$]*"|'[^'\\$]*'|\x60[^\x60\\$]*\x60)`
const literal = new RegExp(String.raw`^(${string})\s*(?:[,};\n]|$)`)
const joined = new RegExp(String.raw`^(?:\w+\.)?join\(\s*(${string}(?:\s*,\s*${string})*)\s*,?\s*\)`)

/**
 * Reads the `schema` of a Prisma configuration without running it: a string, or `path.join` of strings, relative to
 * the configuration's own folder.
 */
export function configSchemaPath(source: string): ConfiguredSchema {
  const code = withoutComments(source)
  const property = /(?<![\w$.])(?:schema|"schema"|'schema')\s*:\s*/.exec(code)
  if (property === null) {
    return /(?<![\w$.'"])schema\s*[,}]/.test(code) ? { status: 'computed' } : { status: 'absent' }
  }
  const value = code.slice(property.index + property[0].length)
  const parts = literal.exec(value)?.[1] ?? joined.exec(value)?.[1]
  if (parts === undefined) return { status: 'computed' }
  const names = [...parts.matchAll(new RegExp(string, 'g'))].map(([part]) => part.slice(1, -1))
  return { status: 'literal', path: names.join('/') }
}

const withoutComments = (source: string) =>
  source.replace(/(["'`])(?:\\.|(?!\1)[^\\])*\1|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (found) =>
    found.startsWith('/') ? ' ' : found,
  )
