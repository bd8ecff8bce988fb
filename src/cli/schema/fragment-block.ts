import { createHash } from 'node:crypto'
import { refusal } from '../cli-error.ts'
import type { ParsedFile, SchemaBlock, SchemaField } from './parse-schema.ts'

/** What `init` wrote into a schema at some time, as it stands there now. Offsets count from the start of the file. */
export interface FragmentBlock {
  readonly path: string
  readonly start: number
  /** After the end marker, before its line break. */
  readonly end: number
  /** The lines between the markers. */
  readonly body: string
  /** The same without the relations to models of the user. */
  readonly ownBody: string
  /** Whether somebody changed it since. Relations of the user are no change, nor is what `prisma format` does. */
  readonly isEdited: boolean
  readonly prefix: string
  /** The models between the markers. */
  readonly blocks: readonly SchemaBlock[]
  /** The lines in which our models point to models of the user, by our model without prefix. They are the user's to edit. */
  readonly relations: ReadonlyMap<string, readonly SchemaField[]>
  /** The one of them on which `tenantId` hangs; `null` without a relation. */
  readonly tenant: SchemaField | null
}

// An editor may have put its mark in front of the first line.
const beginMarker = /(?<=^\uFEFF?)\/\/ >>> bapp-connectors\b([^\r\n]*)(?:\r\n|\r|\n)/gm
const endMarker = /^\/\/ <<< bapp-connectors\b[^\r\n]*/gm

/**
 * The fragment between markers. The first one carries a hash of what is ours in it, by which later runs see whether
 * somebody edited that.
 */
export function wrapFragment(body: string, ownBody: string, eol: string): string {
  const begin = `// >>> bapp-connectors: written by "npx bapp-connectors init"; after an upgrade run it again. ${hashOf(ownBody)}`
  return `${begin}\n${body}\n// <<< bapp-connectors`.replaceAll('\n', eol)
}

/**
 * The block that an earlier run wrote, or `null`.
 *
 * @throws {CliError} if the markers don't make one block.
 */
export function findFragment(parsed: readonly ParsedFile[]): FragmentBlock | null {
  const marksOf = (marker: RegExp) =>
    parsed.flatMap((entry) => [...entry.file.content.matchAll(marker)].map((match) => ({ ...entry, match })))
  const begins = marksOf(beginMarker)
  const ends = marksOf(endMarker)
  const [begin] = begins
  const [end] = ends
  if (begin === undefined && end === undefined) return null
  const isPair =
    begin !== undefined && end !== undefined && begin.file === end.file && begin.match.index < end.match.index
  const cutsBlock = [begin, end].some((mark) =>
    mark?.blocks.some((block) => block.start < mark.match.index && mark.match.index < block.end),
  )
  if (begins.length !== 1 || ends.length !== 1 || !isPair || cutsBlock) {
    const paths = [...new Set([...begins, ...ends].map(({ file }) => file.path))].join(', ')
    throw refusal(
      `The markers ">>> bapp-connectors" and "<<< bapp-connectors" in ${paths} don't make one block. ` +
        'Restore them, or remove them and everything between, and run init again.',
    )
  }
  const { file } = begin
  const place = { start: begin.match.index, end: end.match.index + end.match[0].length }
  const isInside = ({ start }: SchemaBlock) => place.start < start && start < place.end
  const blocks = begin.blocks.filter(isInside)
  const foreign = parsed.flatMap((entry) =>
    entry.file === file ? entry.blocks.filter((b) => !isInside(b)) : entry.blocks,
  )
  const prefix = blocks.find(({ name }) => name.endsWith('Connection'))?.name.slice(0, -'Connection'.length) ?? ''
  const relations = relationsIn(blocks, prefix, new Set(foreign.filter(isModel).map(({ name }) => name)))
  const bodyStart = begin.match.index + begin.match[0].length
  const body = file.content.slice(bodyStart, end.match.index).replace(/(?:\r\n|\r|\n)$/, '')
  const ownBody = withoutLines(body, bodyStart, [...relations.values()].flat())
  return {
    path: file.path,
    ...place,
    body,
    ownBody,
    isEdited: !begin.match[1]?.includes(hashOf(ownBody)),
    prefix,
    blocks,
    relations,
    tenant: relations.get('Connection')?.find(({ attributes }) => isOnTenantId.test(attributes)) ?? null,
  }
}

/** Whether two fragments differ in nothing but blanks and empty lines. */
export const isSameFragment = (one: string, other: string) => essenceOf(one) === essenceOf(other)

const isOnTenantId = /@relation\s*\([^)]*\bfields\s*:\s*\[\s*tenantId\s*\]/
const isModel = ({ kind }: SchemaBlock) => kind === 'model'

function relationsIn(blocks: readonly SchemaBlock[], prefix: string, models: ReadonlySet<string>) {
  const lines = blocks.map(({ name, fields }) => {
    return [name.slice(prefix.length), fields.filter(({ type }) => models.has(type))] as const
  })
  return new Map(lines.filter(([, fields]) => fields.length > 0))
}

function withoutLines(body: string, offset: number, fields: readonly SchemaField[]): string {
  return fields
    .map(({ line }) => ({ from: line.start - offset, to: line.start - offset + line.text.length + line.eol.length }))
    .sort((one, other) => other.from - one.from)
    .reduce((text, { from, to }) => text.slice(0, from) + text.slice(to), body)
}

/** `prisma format` moves columns; that is nobody's edit. */
const essenceOf = (body: string) =>
  body
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim().replace(/\s+/g, ' '))
    .filter((line) => line !== '')
    .join('\n')

const hashOf = (body: string) => `sha256:${createHash('sha256').update(essenceOf(body)).digest('hex').slice(0, 16)}`
