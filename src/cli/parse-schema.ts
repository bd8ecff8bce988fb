import { refusal } from './cli-error.ts'
import { maskSchema } from './mask-schema.ts'

/** A file of a Prisma schema. */
export interface SchemaFile {
  /** Relative to where the command was called, with forward slashes. */
  readonly path: string
  readonly content: string
}

/** A field of a model. Offsets count from the start of the file. */
export interface SchemaField {
  readonly name: string
  /** Without `?` and `[]`. */
  readonly type: string
  readonly mark: '' | '?' | '[]'
  /** What follows the type, comments and the insides of strings blanked out. */
  readonly attributes: string
  readonly indent: string
  /** Characters between the start of the line and the type. */
  readonly typeColumn: number
  /** Where the line ends, before its line break. */
  readonly end: number
}

/** A top-level block: `model Company { … }`. Offsets count from the start of the file. */
export interface SchemaBlock {
  readonly kind: 'model' | 'view' | 'type' | 'enum' | 'datasource' | 'generator'
  readonly name: string
  readonly start: number
  /** After the closing brace. */
  readonly end: number
  /** Of models and views; empty for others. */
  readonly fields: readonly SchemaField[]
  /** The lines that begin with `@@`, as written. */
  readonly blockAttributes: readonly string[]
  /** The value of `name = …` in a datasource or generator, as written; `undefined` if it isn't there. */
  readonly setting: (name: string) => string | undefined
}

const letter = String.raw`[\p{L}\p{N}_-]`
const header = new RegExp(
  String.raw`^[ \t]*(model|view|type|enum|datasource|generator)[ \t]+(${letter}+)[ \t]*\{`,
  'gmu',
)
const field = new RegExp(String.raw`^([ \t]*)(${letter}+)([ \t]+)(${letter}+|Unsupported\([^)]*\))(\[\]|\?)?(.*)$`, 'u')

/**
 * The blocks of a Prisma schema, in their order. Reads as much of the language as `init` needs: Prisma itself reads line by
 * line, and so does this. What it doesn't know, it leaves out.
 *
 * @throws {CliError} for a block without an end.
 */
export function parseSchema({ path, content }: SchemaFile): readonly SchemaBlock[] {
  const mask = maskSchema(content)
  return [...mask.matchAll(header)].map((match) => {
    // Both groups are part of every match.
    const [opening, kind, name] = match as unknown as [string, SchemaBlock['kind'], string]
    const bodyStart = match.index + opening.length
    const bodyEnd = mask.indexOf('}', bodyStart)
    if (bodyEnd === -1) throw refusal(`${path}: the block "${kind} ${name}" has no closing brace.`)
    const lines = linesOf(mask, bodyStart, bodyEnd)
    return {
      kind,
      name,
      start: match.index,
      end: bodyEnd + 1,
      fields: kind === 'model' || kind === 'view' ? lines.flatMap((line) => fieldOf(line, content)) : [],
      blockAttributes: lines
        .filter(({ code }) => code.trimStart().startsWith('@@'))
        .map(({ code, start }) => content.slice(start, start + code.length).trim()),
      setting: (wanted) =>
        lines
          .map(({ code, start }) => /^\s*(\w+)\s*=\s*/.exec(content.slice(start, start + code.length)))
          .filter((found) => found?.[1] === wanted)
          .map((found) => found?.input.slice(found[0].length))[0],
    }
  })
}

interface Line {
  /** Without comments and trailing blanks. */
  readonly code: string
  readonly start: number
}

function linesOf(mask: string, from: number, to: number): readonly Line[] {
  let start = from
  return mask
    .slice(from, to)
    .split('\n')
    .map((line) => {
      const found = { code: line.trimEnd(), start }
      start += line.length + 1
      return found
    })
}

function fieldOf({ code, start }: Line, content: string): readonly SchemaField[] {
  const match = field.exec(code)
  if (match === null) return []
  const [, indent = '', name = '', gap = '', type = '', mark = '', attributes = ''] = match
  const lineEnd = /\r?\n|$/.exec(content.slice(start))
  return [
    {
      name,
      type,
      mark: mark as SchemaField['mark'], // nothing else matches the group
      attributes,
      indent,
      typeColumn: indent.length + name.length + gap.length,
      end: start + (lineEnd?.index ?? 0),
    },
  ]
}
