import { backRelation } from './back-relation.ts'
import { refusal } from './cli-error.ts'
import { type Dialect, databaseOf } from './database-of.ts'
import { fillFragment } from './fill-fragment.ts'
import { type FragmentBlock, findFragment, isSameFragment, wrapFragment } from './fragment-block.ts'
import { parseSchema, type SchemaBlock, type SchemaFile } from './parse-schema.ts'
import { type TenantIdOption, tenantIdFor } from './tenant-id-for.ts'
import { type FileChange, unifiedDiff } from './unified-diff.ts'

/** What the user asked for. */
export interface InitOptions {
  readonly dialect?: Dialect
  readonly tenantModel?: string
  readonly tenantId?: TenantIdOption
  readonly prefix?: string
  /** `false` leaves the relation between tenants and connections out. */
  readonly hasRelation: boolean
  /** Overwrite a fragment that somebody edited. */
  readonly isForced: boolean
}

/** The user's schema, and what is shipped for it. */
export interface InitInput {
  readonly files: readonly SchemaFile[]
  /** Where the fragment goes if it isn't there yet; needn't exist. */
  readonly target: string
  readonly fragments: Readonly<Record<Dialect, string>>
}

/** What `init` is going to do. */
export type InitPlan =
  | { readonly status: 'needs-tenant-model'; readonly models: readonly string[] }
  | {
      readonly status: 'up-to-date' | 'changes'
      readonly changes: readonly FileChange[]
      readonly dialect: Dialect
      /** Models of the fragment, without prefix. */
      readonly models: readonly string[]
      readonly prefix: string
      /** As it stands in the schema: `Int`, `String @db.Uuid`. */
      readonly tenantIdType: string
      /** `Company.connections`; `null` without a relation. */
      readonly backRelation: string | null
    }

/**
 * Plans the edits that merge the fragment into a schema, and touches nothing. What is outside of the block and of the
 * line in the tenant model stays as it is, byte for byte.
 *
 * @throws {CliError} if it can't be done, with what to do instead.
 */
export function planInit({ files, target, fragments }: InitInput, options: InitOptions): InitPlan {
  const existing = findFragment(files)
  const parsed = files.map((file) => ({ file, blocks: foreignBlocks(file, existing) }))
  const blocks = parsed.flatMap((entry) => entry.blocks)
  const database = databaseOf(blocks, options.dialect)
  const prefix = options.prefix ?? existing?.prefix ?? ''
  const models = blocks.filter(({ kind }) => kind === 'model').map(({ name }) => name)
  const tenantName = options.hasRelation ? (options.tenantModel ?? existing?.tenantModel ?? null) : null
  assertSameSettings(existing, prefix, tenantName, options)
  if (options.hasRelation && tenantName === null && existing === null) return { status: 'needs-tenant-model', models }

  const tenant = tenantName === null ? null : (parsed.flatMap(tenantIn(tenantName))[0] ?? null)
  if (tenantName !== null && tenant === null) {
    const others = models.length === 0 ? 'It has no models at all.' : `It has: ${models.join(', ')}.`
    throw refusal(`There is no model ${tenantName} in the schema. ${others}`)
  }
  const key = tenantIdFor(tenant?.block ?? null, options.tenantId, database.dialect, existing)
  const shipped = parseSchema({ path: 'fragment', content: fragments[database.dialect] }).map(({ name }) => name)
  assertNoClash(
    shipped.map((name) => prefix + name),
    parsed,
  )

  const body = fillFragment(fragments[database.dialect], {
    prefix,
    tenantId: key,
    tenant: tenant === null ? null : { model: tenant.block.name, field: key.field },
    datasource: database.name,
    databaseSchema: tenant === null ? (database.schemas[0] ?? null) : schemaOf(tenant.block),
  })
  assertNotEdited(existing, body, options.isForced)

  const contents = new Map(files.map(({ path, content }) => [path, content]))
  const edits: Edit[] = []
  if (existing === null || !isSameFragment(existing.body, body)) {
    edits.push(fragmentEdit(existing, body, target, contents.get(existing?.path ?? target), eolOf(files)))
  }
  const relation = tenant === null ? null : backRelation(tenant.block, `${prefix}Connection`, eolOf([tenant.file]))
  if (tenant !== null && relation?.insertion) {
    const { offset, text } = relation.insertion
    edits.push({ path: tenant.file.path, from: offset, to: offset, text })
  }
  const changes = applyEdits(contents, edits)
  return {
    status: changes.length === 0 ? 'up-to-date' : 'changes',
    changes,
    dialect: database.dialect,
    models: shipped,
    prefix,
    tenantIdType: key.native === null ? key.type : `${key.type} @${database.name}.${key.native}`,
    backRelation: tenant === null ? null : `${tenant.block.name}.${relation?.name}`,
  }
}

interface Edit {
  readonly path: string
  readonly from: number
  readonly to: number
  readonly text: string
}

interface ParsedFile {
  readonly file: SchemaFile
  readonly blocks: readonly SchemaBlock[]
}

const eolOf = (files: readonly SchemaFile[]) => (files.some(({ content }) => content.includes('\r\n')) ? '\r\n' : '\n')

const tenantIn =
  (name: string) =>
  ({ file, blocks }: ParsedFile) =>
    blocks.filter((block) => block.kind === 'model' && block.name === name).map((block) => ({ file, block }))

const schemaOf = ({ blockAttributes }: SchemaBlock) =>
  blockAttributes.map((line) => /^@@schema\(\s*(?:map:\s*)?"([^"]*)"/.exec(line)?.[1]).find((name) => name) ?? null

/** The blocks of a file that are the user's own. */
function foreignBlocks(file: SchemaFile, own: FragmentBlock | null): readonly SchemaBlock[] {
  return parseSchema(file).filter(({ start }) => file.path !== own?.path || start < own.start || start > own.end)
}

function assertSameSettings(
  existing: FragmentBlock | null,
  prefix: string,
  tenant: string | null,
  options: InitOptions,
) {
  if (existing === null) return
  const isAsked = options.tenantModel !== undefined || !options.hasRelation
  const isOther = isAsked && tenant !== existing.tenantModel
  if (prefix === existing.prefix && !isOther) return
  const was = [
    existing.prefix === '' ? 'no prefix' : `the prefix ${existing.prefix}`,
    existing.tenantModel === null ? 'no tenant relation' : `the tenant model ${existing.tenantModel}`,
  ].join(' and ')
  throw refusal(
    `${existing.path} has the fragment with ${was} already. To change that, remove what stands between the markers ` +
      `and the field of type ${existing.prefix}Connection[] in the tenant model, and run init again.`,
  )
}

function assertNoClash(names: readonly string[], parsed: readonly ParsedFile[]): void {
  // Two models that differ in the case of their first letter are one property of the client.
  const property = (name: string) => name.slice(0, 1).toLowerCase() + name.slice(1)
  const clashing = parsed.flatMap(({ file, blocks }) =>
    blocks
      .filter(
        ({ kind, name }) => !/^(datasource|generator)$/.test(kind) && names.map(property).includes(property(name)),
      )
      .map(({ kind, name }) => `${kind} ${name} (${file.path})`),
  )
  if (clashing.length === 0) return
  throw refusal(
    `The schema has these already: ${clashing.join(', ')}. Give ours other names with --prefix, e.g. --prefix Connectors. ` +
      'If they are the fragment, merged by hand, remove them and run init again.',
  )
}

function assertNotEdited(existing: FragmentBlock | null, body: string, isForced: boolean): void {
  if (existing === null || !existing.isEdited || isForced || isSameFragment(existing.body, body)) return
  const before = `${existing.body.replaceAll('\r\n', '\n')}\n`
  const differences = unifiedDiff({ path: existing.path, before, after: `${body}\n` })
  throw refusal(
    `The fragment in ${existing.path} was edited since init wrote it. Nothing is changed. ` +
      `This is what --force would do to it (lines count from the marker):\n\n${differences}`,
  )
}

function fragmentEdit(
  existing: FragmentBlock | null,
  body: string,
  target: string,
  content: string | undefined,
  eol: string,
): Edit {
  if (existing !== null && content !== undefined) {
    const { path, start, end } = existing
    return { path, from: start, to: end, text: wrapFragment(body, content.includes('\r\n') ? '\r\n' : '\n') }
  }
  const before = content ?? ''
  const gap = before === '' ? '' : before.endsWith('\n') ? eol : eol + eol
  return { path: target, from: before.length, to: before.length, text: `${gap}${wrapFragment(body, eol)}${eol}` }
}

/** From the end of each file backwards, so that the offsets of the remaining edits stay good. */
function applyEdits(contents: ReadonlyMap<string, string>, edits: readonly Edit[]): readonly FileChange[] {
  return [...new Set(edits.map(({ path }) => path))].map((path) => {
    const before = contents.get(path) ?? null
    const after = edits
      .filter((edit) => edit.path === path)
      .sort((one, other) => other.from - one.from)
      .reduce((text, { from, to, text: insertion }) => text.slice(0, from) + insertion + text.slice(to), before ?? '')
    return { path, before, after }
  })
}
