import { parseSchema } from '../schema/parse-schema.ts'

/** How the shipped fragment is to fit a user's schema. */
export interface FragmentSettings {
  /** What model names begin with; `''` keeps the names of the fragment. */
  readonly prefix: string
  readonly tenantId: { readonly type: string; readonly native: string | null }
  /** Lines by which our models (without prefix) point to models of the user. */
  readonly relations: ReadonlyMap<string, readonly string[]>
  /** Name of the datasource, which native types begin with. */
  readonly datasource: string
  /** The database schema (`@@schema`) of the tables, where the user's models have one. */
  readonly databaseSchema: string | null
}

const relationComment = /^[ \t]*\/\/ Your tenant relation goes here.*\n\n?/m

/** The models of the shipped fragment as they are to stand in the user's schema, without the comment on top. */
export function fillFragment(fragment: string, settings: FragmentSettings): string {
  const { prefix, tenantId, relations, databaseSchema, datasource } = settings
  if (!relationComment.test(fragment)) throw new Error('The fragment has no comment for the tenant relation.')
  const names = parseSchema({ path: 'fragment', content: fragment }).map(({ name }) => name)
  const mention = new RegExp(`^(model |  \\w+ +)(${names.join('|')})\\b(?!\\()`, 'gm')
  return fragment
    .slice(fragment.search(/^(\/\/\/|model )/m))
    .replace(relationComment, '')
    .replace(mention, (_, before: string, name: string) => `${before}${prefix}${name}`)
    .replaceAll('@db.', `@${datasource}.`)
    .replace(/^model (\w+) \{\n[^}]*^\}/gm, (model, name: string) => {
      const lines = relations.get(name.slice(prefix.length)) ?? []
      return withRelations(withTenantId(model, tenantId, datasource), lines, databaseSchema)
    })
    .trimEnd()
}

/** One model with lines of the user as a paragraph of their own, above the first block attribute. */
function withRelations(model: string, lines: readonly string[], databaseSchema: string | null): string {
  const paragraph = lines.length === 0 ? '' : `\n\n${lines.map((line) => `  ${line}`).join('\n')}`
  // Functions, because a line of the user may have a dollar sign.
  return model
    .replace(/\n\n(?= *@@)/, (gap) => paragraph + gap)
    .replace(/^\}/m, (end) => (databaseSchema === null ? end : `  @@schema("${databaseSchema}")\n${end}`))
}

/** One model with the type of its `tenantId`, aligned with the id above it as `prisma format` does it. */
function withTenantId(model: string, { type, native }: FragmentSettings['tenantId'], datasource: string): string {
  const column = /^( *id +\w+ +)@id/m.exec(model)?.[1]?.length ?? 0
  return model.replace(/^( *tenantId +)(\w+)( *)(.*)$/m, (_, name: string, old: string, __: string, rest: string) => {
    // Without a native type of its own, a String id is what Prisma makes of it, and so is ours.
    const attributes = native === null ? (type === old ? rest : '') : `@${datasource}.${native}`
    return `${(name + type).padEnd(attributes === '' ? 0 : column)}${attributes}`
  })
}
