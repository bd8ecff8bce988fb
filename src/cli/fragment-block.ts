import { createHash } from 'node:crypto'
import { refusal } from './cli-error.ts'
import { parseSchema, type SchemaFile } from './parse-schema.ts'

/** What `init` wrote into a schema at some time, as it stands there now. Offsets count from the start of the file. */
export interface FragmentBlock {
  readonly path: string
  readonly start: number
  /** After the end marker, before its line break. */
  readonly end: number
  /** The lines between the markers. */
  readonly body: string
  /** Whether somebody changed it since; what `prisma format` does to a file is no change. */
  readonly isEdited: boolean
  readonly prefix: string
  /** `null` without a relation. */
  readonly tenantModel: string | null
  /** The models between the markers. */
  readonly models: readonly string[]
}

const beginMarker = /^\/\/ >>> bapp-connectors\b([^\r\n]*)\r?\n/gm
const endMarker = /^\/\/ <<< bapp-connectors\b[^\r\n]*/gm

/** The fragment between markers. The first one carries a hash, by which later runs see whether somebody edited it. */
export function wrapFragment(body: string, eol: string): string {
  const begin = `// >>> bapp-connectors: written by "npx bapp-connectors init"; after an upgrade run it again. ${hashOf(body)}`
  return `${begin}\n${body}\n// <<< bapp-connectors`.replaceAll('\n', eol)
}

/**
 * The block that an earlier run wrote, or `null`.
 *
 * @throws {CliError} if the markers don't make one block.
 */
export function findFragment(files: readonly SchemaFile[]): FragmentBlock | null {
  const begins = files.flatMap((file) => [...file.content.matchAll(beginMarker)].map((match) => ({ file, match })))
  const ends = files.flatMap((file) => [...file.content.matchAll(endMarker)].map((match) => ({ file, match })))
  const [begin] = begins
  const [end] = ends
  if (begin === undefined && end === undefined) return null
  const isPair =
    begin !== undefined && end !== undefined && begin.file === end.file && begin.match.index < end.match.index
  if (begins.length !== 1 || ends.length !== 1 || !isPair) {
    const paths = [...new Set([...begins, ...ends].map(({ file }) => file.path))].join(', ')
    throw refusal(
      `The markers ">>> bapp-connectors" and "<<< bapp-connectors" in ${paths} don't make one block. ` +
        'Restore them, or remove them and everything between, and run init again.',
    )
  }
  const bodyStart = begin.match.index + begin.match[0].length
  const body = begin.file.content.slice(bodyStart, end.match.index).replace(/\r?\n$/, '')
  return {
    path: begin.file.path,
    start: begin.match.index,
    end: end.match.index + end.match[0].length,
    body,
    isEdited: !begin.match[1]?.includes(hashOf(body)),
    ...settingsOf(begin.file.path, body),
  }
}

/** Whether two fragments differ in nothing but blanks and empty lines. */
export const isSameFragment = (one: string, other: string) => essenceOf(one) === essenceOf(other)

/** `prisma format` moves columns; that is nobody's edit. */
const essenceOf = (body: string) =>
  body
    .split('\n')
    .map((line) => line.trim().replace(/\s+/g, ' '))
    .filter((line) => line !== '')
    .join('\n')

const hashOf = (body: string) => `sha256:${createHash('sha256').update(essenceOf(body)).digest('hex').slice(0, 16)}`

function settingsOf(path: string, body: string) {
  const blocks = parseSchema({ path, content: body })
  const connection = blocks.find(({ name }) => name.endsWith('Connection'))
  return {
    models: blocks.map(({ name }) => name),
    prefix: connection?.name.slice(0, -'Connection'.length) ?? '',
    tenantModel: connection?.fields.find(({ name }) => name === 'tenant')?.type ?? null,
  }
}
