import { parseSchema } from './parse-schema.ts'

/** How the shipped fragment is to fit a user's schema. */
export interface FragmentSettings {
  /** What model names begin with; `''` keeps the names of the fragment. */
  readonly prefix: string
  readonly tenantId: { readonly type: string; readonly native: string | null }
  /** The model and the field that a tenant id refers to; `null` leaves the relation out. */
  readonly tenant: { readonly model: string; readonly field: string } | null
  /** Name of the datasource, which native types begin with. */
  readonly datasource: string
  /** The database schema (`@@schema`) of the tables, where the user's models have one. */
  readonly databaseSchema: string | null
}

const relationComment = /^([ \t]*)\/\/ Your tenant relation goes here.*\n\n?/m

/** The models of the shipped fragment as they are to stand in the user's schema, without the comment on top. */
export function fillFragment(fragment: string, settings: FragmentSettings): string {
  const { prefix, tenant, databaseSchema, datasource } = settings
  const relation =
    tenant === null
      ? ''
      : `$1tenant ${tenant.model} @relation(fields: [tenantId], references: [${tenant.field}], onDelete: Cascade)\n\n`
  if (!relationComment.test(fragment)) throw new Error('The fragment has no comment for the tenant relation.')
  const names = parseSchema({ path: 'fragment', content: fragment }).map(({ name }) => name)
  const model = new RegExp(`^(model |  \\w+ +)(${names.join('|')})\\b(?!\\()`, 'gm')
  return fragment
    .slice(fragment.search(/^(\/\/\/|model )/m))
    .replace(/^model \w+ \{\n[^}]*^\}/gm, (text) => withTenantId(text, settings.tenantId))
    .replace(relationComment, relation)
    .replace(model, (_, before: string, name: string) => `${before}${prefix}${name}`)
    .replaceAll('@db.', `@${datasource}.`)
    .replace(/^\}/gm, databaseSchema === null ? '}' : `  @@schema("${databaseSchema}")\n}`)
    .trimEnd()
}

/** One model with the type of its `tenantId`, aligned with the id above it as `prisma format` does it. */
function withTenantId(model: string, { type, native }: FragmentSettings['tenantId']): string {
  const column = /^( *id +\w+ +)@id/m.exec(model)?.[1]?.length ?? 0
  return model.replace(/^( *tenantId +)(\w+)( *)(.*)$/m, (_, name: string, old: string, __: string, rest: string) => {
    // Without a native type of its own, a String id is what Prisma makes of it, and so is ours.
    const attributes = native === null ? (type === old ? rest : '') : `@db.${native}`
    return `${(name + type).padEnd(attributes === '' ? 0 : column)}${attributes}`
  })
}
