import { refusal } from '../cli-error.ts'
import { databaseSchemaOf } from '../schema/block-attribute.ts'
import { type Dialect, databaseOf } from '../schema/database-of.ts'
import { type FragmentBlock, findFragment, isSameFragment, wrapFragment } from '../schema/fragment-block.ts'
import { parseSchema, type SchemaFile } from '../schema/parse-schema.ts'
import { assertNoClash } from './assert-no-clash.ts'
import { backRelation } from './back-relation.ts'
import { fillFragment } from './fill-fragment.ts'
import { hasNewLines, relationsFor } from './relations-for.ts'
import { tenantBlock } from './tenant-block.ts'
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
  const all = files.map((file) => ({ file, blocks: parseSchema(file) }))
  const existing = findFragment(all)
  const parsed = all.map(({ file, blocks }) => ({ file, blocks: blocks.filter((b) => !existing?.blocks.includes(b)) }))
  const blocks = parsed.flatMap((entry) => entry.blocks)
  const database = databaseOf(blocks, options.dialect)
  const prefix = options.prefix ?? existing?.prefix ?? ''
  const models = blocks.filter(({ kind }) => kind === 'model').map(({ name }) => name)
  const tenantName = options.hasRelation ? (options.tenantModel ?? existing?.tenant?.type ?? null) : null
  assertSameSettings(existing, prefix, tenantName, options)
  if (options.hasRelation && tenantName === null && existing === null) return { status: 'needs-tenant-model', models }

  const tenant = tenantName === null ? null : tenantBlock(tenantName, parsed)
  const key = tenantIdFor(tenant?.block ?? null, options.tenantId, database.dialect, existing)
  const shipped = parseSchema({ path: 'fragment', content: fragments[database.dialect] })
  const settings = {
    prefix,
    tenantId: key,
    datasource: database.name,
    databaseSchema: tenant === null ? (database.schemas[0] ?? null) : databaseSchemaOf(tenant.block),
  }
  assertNoClash(shipped, settings, parsed)

  const relations = relationsFor(existing, tenant === null ? null : { model: tenant.block.name, field: key.field })
  const ownBody = fillFragment(fragments[database.dialect], { ...settings, relations: new Map() })
  const body = fillFragment(fragments[database.dialect], { ...settings, relations })
  const isDone = existing !== null && isSameFragment(existing.ownBody, ownBody) && !hasNewLines(existing, relations)
  if (!isDone) assertNotEdited(existing, ownBody, body, options.isForced)

  const contents = new Map(files.map(({ path, content }) => [path, content]))
  const edits: Edit[] = []
  if (!isDone) edits.push(fragmentEdit(existing, { body, ownBody }, target, contents, eolOf(files)))
  const relation = tenant === null ? null : backRelation(tenant.block, `${prefix}Connection`)
  if (tenant !== null && relation?.insertion) {
    const { offset, text } = relation.insertion
    edits.push({ path: tenant.path, from: offset, to: offset, text })
  }
  const changes = applyEdits(contents, edits)
  return {
    status: changes.length === 0 ? 'up-to-date' : 'changes',
    changes,
    dialect: database.dialect,
    models: shipped.map(({ name }) => name),
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

const eolOf = (files: readonly SchemaFile[]) => (files.some(({ content }) => content.includes('\r\n')) ? '\r\n' : '\n')

function assertSameSettings(
  existing: FragmentBlock | null,
  prefix: string,
  tenant: string | null,
  options: InitOptions,
) {
  if (existing === null) return
  const isAsked = options.tenantModel !== undefined || !options.hasRelation
  // Without a relation so far there is nothing to leave behind.
  const isOther = isAsked && existing.tenant !== null && tenant !== existing.tenant.type
  if (prefix === existing.prefix && !isOther) return
  const was = [
    existing.prefix === '' ? 'no prefix' : `the prefix ${existing.prefix}`,
    existing.tenant === null ? 'no tenant relation' : `the tenant model ${existing.tenant.type}`,
  ].join(' and ')
  throw refusal(
    `${existing.path} has the fragment with ${was} already. To change that, remove the block (both markers and what ` +
      `is between them) and the field of type ${existing.prefix}Connection[] in the tenant model, and run init again.`,
  )
}

function assertNotEdited(existing: FragmentBlock | null, ownBody: string, body: string, isForced: boolean): void {
  if (existing === null || !existing.isEdited || isForced || isSameFragment(existing.ownBody, ownBody)) return
  const before = `${existing.body.replaceAll(/\r\n?/g, '\n')}\n`
  const differences = unifiedDiff({ path: existing.path, before, after: `${body}\n` })
  throw refusal(
    `The fragment in ${existing.path} was edited since init wrote it. Nothing is changed. Make these changes by hand, or ` +
      `let --force make them (lines count from the marker):\n\n${differences}`,
  )
}

function fragmentEdit(
  existing: FragmentBlock | null,
  { body, ownBody }: { readonly body: string; readonly ownBody: string },
  target: string,
  contents: ReadonlyMap<string, string>,
  eolOfSchema: string,
): Edit {
  if (existing !== null) {
    const { path, start, end } = existing
    const eol = existing.body.includes('\r\n') ? '\r\n' : '\n'
    return { path, from: start, to: end, text: wrapFragment(body, ownBody, eol) }
  }
  const before = contents.get(target) ?? ''
  const eol = /\r?\n(?=[^\n]*$)/.exec(before)?.[0] ?? eolOfSchema
  const gap = before === '' ? '' : before.endsWith('\n') ? eol : eol + eol
  return {
    path: target,
    from: before.length,
    to: before.length,
    text: `${gap}${wrapFragment(body, ownBody, eol)}${eol}`,
  }
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
