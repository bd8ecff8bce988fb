import { refusal } from '../cli-error.ts'
import { maskSchema } from './mask-schema.ts'
import { type SchemaLine, schemaLines } from './schema-lines.ts'

/** A file of a Prisma schema. */
export interface SchemaFile {
  /** Relative to where the command was called, with forward slashes. */
  readonly path: string
  readonly content: string
}

/** A file with the blocks in it. */
export interface ParsedFile {
  readonly file: SchemaFile
  readonly blocks: readonly SchemaBlock[]
}

/** A field of a model or view. */
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
  readonly line: SchemaLine
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
  /** The lines that begin with `@@`, as written, without comments. */
  readonly blockAttributes: readonly string[]
  /** The value of `name = …` in a datasource or generator, as written; `undefined` if it isn't there. */
  readonly setting: (name: string) => string | undefined
}

const letter = String.raw`[\p{L}\p{N}_-]`
const header = new RegExp(String.raw`^(model|view|type|enum|datasource|generator)\s+(${letter}+)\s*\{$`, 'u')
const setting = new RegExp(String.raw`^(${letter}+)\s*=\s*(\S.*)$`, 'u')
const field = new RegExp(
  String.raw`^(\s*)(${letter}+)(\s+)(${letter}+|Unsupported\("_*"\))(?:\s*(\[\]|\?))?((?:\s*@[^@].*)?)$`,
  'u',
)
const attribute = new RegExp(String.raw`^@${letter}+(\.${letter}+)*\s*`, 'u')

/**
 * The blocks of a Prisma schema, in their order. Prisma reads a schema line by line, and so does this: a declaration, an
 * attribute or a setting is one line, and what is neither of them is refused rather than passed over.
 *
 * @throws {CliError} for a line that can't be read, or a block without an end.
 */
export function parseSchema({ path, content }: SchemaFile): readonly SchemaBlock[] {
  const blocks: SchemaBlock[] = []
  let open: { readonly kind: SchemaBlock['kind']; readonly name: string; readonly lines: SchemaLine[] } | null = null
  let start = 0
  for (const line of schemaLines(content, maskSchema(content))) {
    const code = line.code.trim()
    if (code === '') continue
    if (open === null) {
      const [, kind, name] = header.exec(code) ?? unreadable(path, line, 'is no beginning of a block')
      open = { kind: kind as SchemaBlock['kind'], name: String(name), lines: [] } // both are part of every match
      start = line.start + line.code.length - line.code.trimStart().length
    } else if (code === '}') {
      blocks.push({ ...blockOf(path, open), start, end: line.start + line.code.length })
      open = null
    } else open.lines.push(line)
  }
  if (open !== null) throw refusal(`${path}: the block "${open.kind} ${open.name}" has no closing brace. ${advice}`)
  return blocks
}

const advice = 'Nothing is changed. Mend it first; "npx prisma validate" tells more.'

function unreadable(path: string, { number, text }: SchemaLine, why: string): never {
  throw refusal(`${path}:${number}: this line ${why}, or goes on in the next one:\n\n  ${text.trim()}\n\n${advice}`)
}

function blockOf(
  path: string,
  { kind, name, lines }: Pick<SchemaBlock, 'kind' | 'name'> & { readonly lines: readonly SchemaLine[] },
): Omit<SchemaBlock, 'start' | 'end'> {
  const attributes = lines.filter(({ code }) => code.trimStart().startsWith('@@'))
  const others = lines.filter((line) => !attributes.includes(line))
  const isSettings = kind === 'datasource' || kind === 'generator'
  for (const line of attributes) {
    if (isSettings || !isAttributes(line.code.trim().slice(1), 1)) unreadable(path, line, 'is no attribute')
  }
  for (const line of kind === 'enum' ? others : []) {
    if (!isAttributes(line.code.replace(/^\s*[\p{L}\p{N}_-]+/u, ''))) unreadable(path, line, 'is no value of an enum')
  }
  const settings = (isSettings ? others : []).map((line) => {
    if (!setting.test(line.code.trim())) unreadable(path, line, 'is no setting')
    return setting.exec(line.text.slice(0, line.code.length).trim())
  })
  return {
    kind,
    name,
    fields: isSettings || kind === 'enum' ? [] : others.map((line) => fieldOf(path, line)),
    blockAttributes: attributes.map(({ code, text }) => text.slice(0, code.length).trim()),
    setting: (wanted) => settings.find((found) => found?.[1] === wanted)?.[2],
  }
}

function fieldOf(path: string, line: SchemaLine): SchemaField {
  const [, indent = '', name = '', gap = '', type = '', mark = '', attributes = ''] =
    field.exec(line.code) ?? unreadable(path, line, 'is no field')
  if (!isAttributes(attributes)) unreadable(path, line, 'is no field')
  return {
    name,
    type,
    mark: mark as SchemaField['mark'], // nothing else matches the group
    attributes,
    indent,
    typeColumn: indent.length + name.length + gap.length,
    line,
  }
}

/** Whether code is attributes one after another, with balanced arguments, and nothing else. */
function isAttributes(code: string, atMost = Number.POSITIVE_INFINITY): boolean {
  let rest = code.trim().replace(/"_*"/g, '')
  if (rest.includes('"')) return false
  for (let inner = ''; inner !== rest; ) {
    inner = rest
    rest = rest.replace(/\([^()]*\)/g, ' ')
  }
  let count = 0
  for (; attribute.test(rest); count++) rest = rest.replace(attribute, '')
  return rest === '' && count <= atMost
}
