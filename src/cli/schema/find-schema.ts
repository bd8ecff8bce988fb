import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { refusal } from '../cli-error.ts'
import { configSchemaPath } from './config-schema-path.ts'

/** Where a Prisma schema is. */
export interface SchemaLocation {
  /** A folder holds a schema of several files. */
  readonly kind: 'file' | 'folder'
  /** Absolute. */
  readonly path: string
}

const configFiles = ['prisma.config', '.config/prisma'].flatMap((name) =>
  ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs'].map((extension) => `${name}.${extension}`),
)

/**
 * Finds the Prisma schema of the application in `cwd`: what `flag` names, or `prisma.config.ts`, or `prisma.schema` of
 * package.json, or `prisma/schema.prisma`, `schema.prisma`, `prisma/schema/`, `prisma/`.
 *
 * @throws {CliError} if there is none, or if only running `prisma.config.ts` would tell.
 */
export async function findSchema(cwd: string, flag: string | undefined): Promise<SchemaLocation> {
  const named = flag === undefined ? await configured(cwd) : { path: resolve(cwd, flag), by: '--schema' }
  if (named !== null) {
    const kind = await kindOf(named.path)
    if (kind === null) throw refusal(`${named.by} names ${named.path}, which isn't there.`)
    if (kind === 'folder' && (await schemaFilesIn(named.path)).length === 0) {
      throw refusal(`${named.by} names the folder ${named.path}, which has no .prisma files.`)
    }
    return { kind, path: named.path }
  }
  for (const place of ['prisma/schema.prisma', 'schema.prisma', 'prisma/schema', 'prisma']) {
    const path = join(cwd, place)
    const kind = await kindOf(path)
    const isUsable = kind === 'folder' ? (await schemaFilesIn(path)).length > 0 : place.endsWith('.prisma')
    if (kind !== null && isUsable) return { kind, path }
  }
  throw refusal(
    `No Prisma schema found in ${cwd}: neither prisma.config.ts nor package.json names one, and there is no ` +
      'prisma/schema.prisma and no folder prisma/ with .prisma files. Name it with --schema <file or folder>.',
  )
}

/** The paths of the `.prisma` files in a folder and below, sorted. Links are followed, as Prisma does, each file once. */
export async function schemaFilesIn(folder: string): Promise<readonly string[]> {
  const found = new Map<string, string>()
  const visited = new Set<string>()
  const visit = async (within: string) => {
    for (const entry of (await readdir(within)).sort()) {
      const path = join(within, entry)
      // A link that leads nowhere is left to the reader of the file, who can say so.
      const real = (await unlessMissing(realpath(path))) ?? path
      const kind = await kindOf(real)
      if (kind === 'folder') {
        if (entry === 'node_modules' || visited.has(real)) continue
        visited.add(real)
        await visit(path)
      } else if (entry.endsWith('.prisma') && !found.has(real)) found.set(real, path)
    }
  }
  visited.add(await realpath(folder))
  await visit(folder)
  return [...found.values()].sort()
}

async function configured(cwd: string): Promise<{ readonly path: string; readonly by: string } | null> {
  for (const name of configFiles) {
    const file = join(cwd, name)
    const source = await readIfThere(file)
    if (source === null) continue
    const schema = configSchemaPath(source)
    if (schema.status === 'literal') return { path: resolve(dirname(file), schema.path), by: name }
    if (schema.status === 'computed') {
      throw refusal(`${name} computes the path of the schema. Name it with --schema <file or folder>.`)
    }
  }
  const manifest = await readIfThere(join(cwd, 'package.json'))
  const schema = manifest === null ? undefined : schemaOf(manifest)
  return schema === undefined ? null : { path: resolve(cwd, schema), by: 'prisma.schema of package.json' }
}

function schemaOf(manifest: string): string | undefined {
  try {
    const { prisma } = JSON.parse(manifest) as { readonly prisma?: { readonly schema?: unknown } }
    return typeof prisma?.schema === 'string' ? prisma.schema : undefined
  } catch {
    throw refusal('package.json is not valid JSON.')
  }
}

async function kindOf(path: string): Promise<SchemaLocation['kind'] | null> {
  const found = await unlessMissing(stat(path))
  if (found === null) return null
  return found.isDirectory() ? 'folder' : 'file'
}

const readIfThere = (path: string) => unlessMissing(readFile(path, 'utf8'))

async function unlessMissing<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading
  } catch (error) {
    // A path through a file (ENOTDIR) is as absent as a missing one.
    if (/^(ENOENT|ENOTDIR)$/.test((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
}
