import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils'
import * as schemaEngine from '@prisma/schema-engine-wasm/schema_engine_bg'
import type { Dialect } from './schema-fragment.ts'

/** One Prisma schema file. */
export interface PrismaSchemaFile {
  readonly path: string
  readonly content: string
}

/**
 * The statements that create the tables of a schema in an empty database.
 * Uses Prisma's own schema engine as WebAssembly, because the native one has to be downloaded. It doesn't speak MySQL, whose
 * statements for the test schema are kept by hand, in `prisma/test/mysql.sql`.
 */
export async function prismaSchemaSql(dialect: Dialect, files: readonly PrismaSchemaFile[]): Promise<string> {
  if (dialect === 'mysql') return readFile(new URL('../prisma/test/mysql.sql', import.meta.url), 'utf8')
  instantiated ??= instantiateSchemaEngine()
  await instantiated
  const engine = await schemaEngine.SchemaEngine.new(
    { datamodels: files.map((file): [string, string] => [file.path, file.content]) },
    () => {},
    bindMigrationAwareSqlAdapterFactory(adapters[dialect]()),
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

// They tell the engine which SQL to speak.
const adapters = { sqlite: () => new PrismaLibSql({ url: ':memory:' }), postgresql: noServer } as const

/** Answers the only question that the engine asks of PostgreSQL: making a client must not take a server. */
function noServer(): SqlMigrationAwareDriverAdapterFactory {
  const info = { provider: 'postgres', adapterName: '@prisma/adapter-pg' } as const
  const refuse = () => Promise.reject(new Error('Only the version is asked for.'))
  const connect = async (): Promise<SqlDriverAdapter> => ({
    ...info,
    queryRaw: async ({ sql }) => {
      if (!sql.includes('server_version_num')) return refuse()
      return {
        columnNames: ['exists', 'version', 'numeric_version'],
        columnTypes: [ColumnTypeEnum.Boolean, ColumnTypeEnum.Text, ColumnTypeEnum.Int32],
        rows: [[true, 'PostgreSQL 15.0', 150_000]],
      }
    },
    executeRaw: refuse,
    executeScript: refuse,
    startTransaction: refuse,
    dispose: async () => {},
  })
  return { ...info, connect, connectToShadowDb: connect }
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
