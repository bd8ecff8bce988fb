import { refusal } from '../cli-error.ts'
import type { SchemaBlock } from './parse-schema.ts'

/** The databases for which a fragment is shipped, by Prisma's name of the provider. */
export const dialects = ['sqlite', 'postgresql', 'mysql'] as const

/** A database for which a fragment is shipped. */
export type Dialect = (typeof dialects)[number]

/** What the datasource of a schema says. */
export interface Database {
  readonly dialect: Dialect
  /** Name of the datasource block; native types begin with it. */
  readonly name: string
  /** The database schemas it lists; mostly none. */
  readonly schemas: readonly string[]
}

/**
 * The database of a schema; `wanted` stands in where there is no datasource.
 *
 * @throws {CliError} for one that isn't supported, or another one than `wanted`.
 */
export function databaseOf(blocks: readonly SchemaBlock[], wanted: Dialect | undefined): Database {
  const [datasource, ...more] = blocks.filter(({ kind }) => kind === 'datasource')
  if (datasource !== undefined && more.length > 0) {
    const names = [datasource, ...more].map((block) => block.name).join(', ')
    throw refusal(
      `The schema has several datasources (${names}), and Prisma takes one. If these are schemas of several databases, ` +
        'name the file or folder of one with --schema.',
    )
  }
  const name = datasource?.name ?? 'db'
  const schemas = [...(datasource?.setting('schemas') ?? '').matchAll(/"([^"]+)"/g)].map(([, schema = '']) => schema)
  const provider = /^"([^"]*)"/.exec(datasource?.setting('provider') ?? '')?.[1]
  if (provider === undefined) {
    if (wanted !== undefined) return { dialect: wanted, name, schemas }
    throw refusal(
      `The schema names no database (datasource with a provider). Name it: --dialect ${dialects.join('|')}.`,
    )
  }
  const dialect = dialects.find((known) => known === (provider === 'postgres' ? 'postgresql' : provider))
  if (dialect === undefined) {
    throw refusal(
      `The datasource of the schema is ${provider}, which bapp-connectors doesn't support; it supports ${dialects.join(', ')}.`,
    )
  }
  if (wanted !== undefined && wanted !== dialect) {
    throw refusal(`--dialect says ${wanted}, but the datasource of the schema says ${provider}.`)
  }
  return { dialect, name, schemas }
}
