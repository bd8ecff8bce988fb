import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import * as schemaEngine from '@prisma/schema-engine-wasm/schema_engine_bg'

/** One Prisma schema file. */
export interface PrismaSchemaFile {
  readonly path: string
  readonly content: string
}

/**
 * The statements that create the tables of a SQLite schema in an empty database.
 * Uses Prisma's own schema engine as WebAssembly, because the native one has to be downloaded.
 */
export async function prismaSchemaSql(files: readonly PrismaSchemaFile[]): Promise<string> {
  instantiated ??= instantiateSchemaEngine()
  await instantiated
  const engine = await schemaEngine.SchemaEngine.new(
    { datamodels: files.map((file): [string, string] => [file.path, file.content]) },
    () => {},
    bindMigrationAwareSqlAdapterFactory(new PrismaLibSql({ url: ':memory:' })),
  )
  try {
    const diff = await engine.diff({
      from: { tag: 'empty' },
      to: { tag: 'schemaDatamodel', files: files.map(({ path, content }) => ({ path, content })) },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    })
    if (diff.stdout === null) throw new Error('The schema engine answered no SQL.')
    return diff.stdout
  } finally {
    engine.free()
  }
}

// Once per process: the glue keeps views of the first instance's memory, with which a second instance panics.
let instantiated: Promise<void> | null = null

// The package's own entry imports the .wasm file as a module, which Node does not do without a flag.
async function instantiateSchemaEngine(): Promise<void> {
  const glue = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg')
  const wasm = await readFile(glue.replace(/\.js$/, '.wasm'))
  const { instance } = await webAssembly.instantiate(wasm, { './schema_engine_bg.js': schemaEngine })
  schemaEngine.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
}

// Declared here because TypeScript only knows WebAssembly as part of the DOM.
const webAssembly = (
  globalThis as unknown as {
    readonly WebAssembly: {
      readonly instantiate: (
        code: Uint8Array,
        imports: Readonly<Record<string, unknown>>,
      ) => Promise<{ readonly instance: { readonly exports: { readonly __wbindgen_start: () => void } } }>
    }
  }
).WebAssembly
