import { readFile } from 'node:fs/promises'
import { relative, sep } from 'node:path'
import { refusal } from '../cli-error.ts'
import { type SchemaLocation, schemaFilesIn } from './find-schema.ts'
import type { SchemaFile } from './parse-schema.ts'

/** The files of a schema. @throws {CliError} if one can't be read, or is no UTF-8 text. */
export async function readSchema(cwd: string, { kind, path }: SchemaLocation): Promise<readonly SchemaFile[]> {
  const paths = kind === 'file' ? [path] : await schemaFilesIn(path)
  return Promise.all(paths.map(async (file) => ({ path: shownPath(cwd, file), content: await readText(cwd, file) })))
}

/** A path as it is shown: relative to where the command was called, with forward slashes. */
export const shownPath = (cwd: string, path: string) => relative(cwd, path).split(sep).join('/')

async function readText(cwd: string, file: string): Promise<string> {
  const bytes = await readFile(file).catch((error: Error) => {
    throw refusal(`${shownPath(cwd, file)} can't be read: ${error.message}. Nothing is changed.`)
  })
  try {
    // Strict and with its mark, because what we don't edit must come out as it went in.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw refusal(`${shownPath(cwd, file)} is not UTF-8 text.`)
  }
}
