import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { loadEnvFile } from 'node:process'
import { onTestFinished } from 'vitest'
import { runCli } from '../../src/cli/run-cli.ts'

/** What a command did. */
export interface CliOutcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** What a test says about the process that the command runs in. */
export interface CliProcess {
  /** Width of the terminal at standard error; without it there is none. */
  readonly columns?: number | null
  /** Told what was written to standard error; answers whether the user interrupts now. */
  readonly interruptAt?: (stderr: string) => boolean
}

/** A folder with an application's files, and the command line in it. */
export interface ApplicationFolder {
  readonly cwd: string
  /** Runs a command line. `answer` is what the user types; without it nobody sits at a terminal. */
  readonly run: (args: string, answer?: string | (() => Promise<string>), process?: CliProcess) => Promise<CliOutcome>
  /** All files with their bytes, as latin1 text: no byte gets lost. */
  readonly snapshot: () => Promise<Readonly<Record<string, string>>>
  readonly read: (path: string) => Promise<string>
  readonly write: (path: string, content: string | Uint8Array) => Promise<void>
}

/** A fresh folder outside of the checkout; gone when the test is over. */
export async function applicationFolder(files: Readonly<Record<string, string>>): Promise<ApplicationFolder> {
  const cwd = await mkdtemp(join(tmpdir(), 'connectors-cli-'))
  onTestFinished(() => rm(cwd, { recursive: true }))
  const write = async (path: string, content: string | Uint8Array) => {
    await mkdir(dirname(join(cwd, path)), { recursive: true })
    await writeFile(join(cwd, path), content)
  }
  for (const [path, content] of Object.entries(files)) await write(path, content)
  return {
    cwd,
    write,
    read: (path) => readFile(join(cwd, path), 'utf8'),
    snapshot: async () => {
      const entries = await readdir(cwd, { recursive: true, withFileTypes: true })
      const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
      const contents = paths.sort().map(async (path) => [path.slice(cwd.length + 1), await readFile(path, 'latin1')])
      return Object.fromEntries(await Promise.all(contents))
    },
    run: async (args, answer, { columns = null, interruptAt } = {}) => {
      let stdout = ''
      let stderr = ''
      const interrupted = new Set<() => void>()
      const code = await runCli(args.split(' ').filter(Boolean), {
        cwd,
        write: (text) => {
          stdout += text
        },
        complain: (text) => {
          stderr += text
          if (interruptAt?.(stderr)) for (const listener of interrupted) listener()
        },
        ask: answer === undefined ? null : async () => (typeof answer === 'string' ? answer : answer()),
        now: () => new Date('2026-11-24T12:00:00Z'),
        randomBytes: (size) => new Uint8Array(size).fill(7),
        columns: () => columns,
        onInterrupt: (listener) => {
          interrupted.add(listener)
          return () => interrupted.delete(listener)
        },
        loadEnvFile,
      })
      return { code, stdout, stderr }
    },
  }
}
