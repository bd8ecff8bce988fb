/** A line of a Prisma schema; with a comment that spans several lines it ends where the comment does. */
export interface SchemaLine {
  /** Counted from 1. */
  readonly number: number
  /** Offset of its first character. */
  readonly start: number
  /** As masked, without the blanks at its end. */
  readonly code: string
  /** As written, without its line break. */
  readonly text: string
  /** Its line break; `''` at the end of a file without one. */
  readonly eol: string
}

/** The lines of a schema. `mask` is the same text, masked. */
export function schemaLines(content: string, mask: string): readonly SchemaLine[] {
  const lines: SchemaLine[] = []
  let number = 1
  for (const { index: start, 0: line } of mask.matchAll(/[^\r\n]*(?:\r\n|\r|\n|$)/g)) {
    const code = line.replace(/[\r\n]+$/, '')
    const text = content.slice(start, start + code.length)
    lines.push({ number, start, code: code.trimEnd(), text, eol: line.slice(code.length) })
    number += 1 + (text.match(/\r\n|\r|\n/g)?.length ?? 0)
  }
  return lines
}
