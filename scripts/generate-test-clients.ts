import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { PrismaSchemaFile } from './prisma-schema-sql.ts'
import type { Dialect } from './schema-fragment.ts'

interface Variant {
  readonly dialect: Dialect
  readonly adapt?: (schema: string) => string
}

/**
 * Makes the Prisma clients and the DDL that tests and the demo use. For every variant, in the git-ignored folder
 * `generated/<variant>`:
 *
 * - `schema/` the application's schema with the shipped fragment merged in, as a user would do it
 * - `client/` the generated client
 * - `schema.sql` the statements that create the tables
 *
 * Makes those named as arguments, else all.
 * Does nothing when none of the inputs changed since the last time.
 */
const variants: Readonly<Record<string, Variant>> = {
  'prisma-sqlite': { dialect: 'sqlite' },
  // Another type of tenant id, and a renamed model.
  'prisma-sqlite-bigint': {
    dialect: 'sqlite',
    adapt: (schema) => withTenantId(schema, 'BigInt').replace(/\bConnection\b/g, 'ShopConnection'),
  },
  'prisma-postgresql': { dialect: 'postgresql' },
  'prisma-postgresql-int': { dialect: 'postgresql', adapt: (schema) => withTenantId(schema, 'Int') },
  'prisma-postgresql-uuid': { dialect: 'postgresql', adapt: (schema) => withTenantId(schema, 'String', '@db.Uuid') },
  'prisma-mysql': { dialect: 'mysql' },
  // What must not compile: test/types/misfits.test.ts looks for the column in the message.
  'misfit-missing-column': {
    dialect: 'postgresql',
    // With the index over it.
    adapt: (schema) => schema.replace(/^.*\bexternalAccountId\b.*\n/gm, ''),
  },
  'misfit-tenant-type': {
    dialect: 'postgresql',
    adapt: (schema) => schema.replace(/^(model WebhookEvent \{\n.*\n *tenantId +)String/m, '$1Int'),
  },
  'misfit-extra-column': {
    dialect: 'postgresql',
    adapt: (schema) => schema.replace(/^model Connection \{/m, '$&\n  salesRegion String'),
  },
}

/** The schema with tenant ids of another type. */
function withTenantId(schema: string, type: string, native = ''): string {
  return schema
    .replace(/^( *tenantId +)String/gm, `$1${type} ${native}`)
    .replace(/^(model Tenant \{\n *id +)String( *@id)/m, `$1${type}$2 ${native}`)
}

const root = fileURLToPath(new URL('..', import.meta.url))
const require = createRequire(import.meta.url)

const relationComment = /^ *\/\/ Your tenant relation goes here.*$/m
const relationLine = '  tenant Tenant @relation(fields: [tenantId], references: [id], onDelete: Cascade)'

async function mergedSchema(dialect: Dialect, adapt: (schema: string) => string): Promise<PrismaSchemaFile[]> {
  const app = await readFile(join(root, 'prisma/test/app.prisma'), 'utf8')
  const fragment = await readFile(join(root, `prisma/connectors.${dialect}.prisma`), 'utf8')
  if (!relationComment.test(fragment))
    throw new Error(`The ${dialect} fragment has no comment for the tenant relation.`)
  return [
    { path: 'app.prisma', content: adapt(app.replace('provider = "sqlite"', `provider = "${dialect}"`)) },
    { path: 'connectors.prisma', content: adapt(fragment.replace(relationComment, relationLine)) },
  ]
}

async function fingerprint(dialect: Dialect, files: readonly PrismaSchemaFile[]): Promise<string> {
  const hash = createHash('sha256')
  if (dialect === 'mysql') hash.update(await readFile(join(root, 'prisma/test/mysql.sql')))
  for (const name of ['prisma', '@prisma/client', '@prisma/schema-engine-wasm']) {
    // By path: not all of these packages export their package.json.
    const manifest = await readFile(join(root, 'node_modules', name, 'package.json'), 'utf8')
    hash.update((JSON.parse(manifest) as { version: string }).version)
  }
  for (const script of ['generate-test-clients.ts', 'prisma-schema-sql.ts']) {
    hash.update(await readFile(join(root, 'scripts', script)))
  }
  for (const file of files) hash.update(file.path).update(file.content)
  return hash.digest('hex')
}

async function isCurrent(target: string, hash: string): Promise<boolean> {
  try {
    await access(join(target, 'client/client.ts'))
    await access(join(target, 'schema.sql'))
    return (await readFile(join(target, '.hash'), 'utf8')) === hash
  } catch {
    return false
  }
}

async function generateClient(schemaFolder: string): Promise<void> {
  const cli = join(dirname(require.resolve('prisma/package.json')), 'build/index.js')
  await promisify(execFile)(process.execPath, [cli, 'generate', '--schema', schemaFolder, '--no-hints'], {
    cwd: root,
    env: {
      ...process.env,
      // `generate` needs no schema engine, but would download one if it didn't find this.
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      CHECKPOINT_DISABLE: '1',
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
    },
  })
}

const wanted = process.argv.slice(2)
for (const [variant, { dialect, adapt = (schema: string) => schema }] of Object.entries(variants)) {
  if (wanted.length > 0 && !wanted.includes(variant)) continue
  const target = join(root, 'generated', variant)
  const files = await mergedSchema(dialect, adapt)
  const hash = await fingerprint(dialect, files)
  if (await isCurrent(target, hash)) continue
  await rm(target, { recursive: true, force: true })
  await mkdir(join(target, 'schema'), { recursive: true })
  for (const file of files) await writeFile(join(target, 'schema', file.path), file.content)
  await generateClient(join(target, 'schema'))
  // Imported late: the WebAssembly engine is 3 MB, and mostly there is nothing to do.
  const { prismaSchemaSql } = await import('./prisma-schema-sql.ts')
  await writeFile(join(target, 'schema.sql'), await prismaSchemaSql(dialect, files))
  // Last, so that a run that was cut short is done again.
  await writeFile(join(target, '.hash'), hash)
  console.log(`generated/${variant} made anew`)
}
