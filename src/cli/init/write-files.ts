import { chmod, chown, open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { refusal } from '../cli-error.ts'
import type { FileChange } from './unified-diff.ts'

interface StagedFile {
  readonly path: string
  /** Where the bytes are: a link stays a link. */
  readonly target: string
  /** Beside the target, because only there a rename is one step. */
  readonly fresh: string
  /** The former content under another name; `null` for a file that wasn't there. Putting it back needs no space on the disk. */
  readonly former: string | null
}

/**
 * Writes all the files or none of them. New contents are written beside the files first and renamed over them only when all
 * are there, so that no reader sees half a file; what was renamed already is put back if a later one fails. Permissions stay.
 *
 * @throws {CliError} if a file can't be written, or isn't any more what the change was made from; nothing is changed then.
 */
export async function writeFiles(cwd: string, changes: readonly FileChange[]): Promise<void> {
  const staged: StagedFile[] = []
  const written: StagedFile[] = []
  const stuck: StagedFile[] = []
  let path = ''
  try {
    for (const change of changes) {
      path = change.path
      const file = await placeOf(cwd, change)
      staged.push(file)
      await stage(file, change)
    }
    for (const file of staged) {
      path = file.path
      await rename(file.fresh, file.target)
      written.push(file)
    }
  } catch (error) {
    for (const file of written) await putBack(file).catch(() => stuck.push(file))
    throw failure(path, error, stuck)
  } finally {
    for (const file of staged) {
      await rm(file.fresh, { force: true })
      if (file.former !== null && !stuck.includes(file)) await rm(file.former, { force: true })
    }
  }
}

async function placeOf(cwd: string, { path, before }: FileChange): Promise<StagedFile> {
  const target = before === null ? resolve(cwd, path) : await realpath(resolve(cwd, path))
  return {
    path,
    target,
    fresh: `${target}.bapp-connectors-new`,
    former: before === null ? null : `${target}.bapp-connectors-old`,
  }
}

async function stage({ path, target, fresh, former }: StagedFile, { before, after }: FileChange): Promise<void> {
  if (former === null) {
    await writeFile(fresh, after)
    return
  }
  // Opened to write, because a rename would go over a file that is read-only.
  const file = await open(target, 'r+')
  const now = await file.readFile('utf8').finally(() => file.close())
  if (now !== before) throw refusal(`${path} was changed meanwhile. Run init again.`)
  const { mode, uid, gid } = await stat(target)
  for (const [copy, content] of [[fresh, after] as const, [former, now] as const]) {
    await writeFile(copy, content)
    await chmod(copy, mode)
    // Only root may give files away, and only to root's own it happens that a file would change hands.
    await chown(copy, uid, gid).catch(() => undefined)
  }
}

const putBack = ({ target, former }: StagedFile) => (former === null ? rm(target) : rename(former, target))

/** What went wrong, in words; something that isn't about files stays what it is. */
function failure(path: string, error: unknown, stuck: readonly StagedFile[]): unknown {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === undefined) return error
  const hint = /^(EACCES|EPERM|EROFS)$/.test(code)
    ? 'Make the file and its folder writable, or apply what --dry-run prints.'
    : 'Apply what --dry-run prints, if you like.'
  const left = stuck.map(
    (file) => `${file.path} could not be put back${file.former ? `, it is in ${file.former}` : ''}.`,
  )
  return refusal(`${path} can't be written: ${message}. ${left.join(' ') || 'Nothing is changed.'} ${hint}`)
}
