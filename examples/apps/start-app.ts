import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** An application in a process of its own. */
export interface StartedApp {
  /** Where it listens; empty for a worker. */
  readonly origin: string
  /** What it printed so far. */
  readonly output: () => string
  /** Ends it at once, without a word; answers when it is gone. */
  readonly stop: () => Promise<void>
  /** Tells it to stop; answers its exit code. */
  readonly terminate: () => Promise<number | null>
}

/** Starts an application as its npm script does (without the set-up before it), on a free port, and waits until it is ready. */
export async function startApp(
  name: string,
  env: Readonly<Record<string, string>> = {},
  script = 'start',
): Promise<StartedApp> {
  const folder = new URL(`./${name}/`, import.meta.url)
  const { scripts } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as {
    scripts: Record<string, string>
  }
  const command = scripts[script]?.split(' && ').at(-1) ?? ''
  const [, ...args] = command.split(' ')
  // Without the command's own process in between, which would survive us. It takes the option from the environment.
  const [option, tsconfig, file] = args
  if (option !== '--tsconfig' || tsconfig === undefined || file === undefined)
    throw new Error(`${name} has no ${script}`)
  const child = spawn(process.execPath, ['--import', 'tsx', file], {
    cwd: folder,
    env: { ...process.env, PORT: '0', NODE_ENV: 'production', ...env, TSX_TSCONFIG_PATH: tsconfig },
  })
  let output = ''
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const origin = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += String(chunk)
      const port = /listening on http:\S+?:(\d+)\s/.exec(output)?.[1]
      if (port !== undefined) resolve(`http://localhost:${port}`)
      else if (/^working$/m.test(output)) resolve('')
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('error', reject)
    void ended.then(() => reject(new Error(`${name} ended: ${output}`)))
  })
  return {
    origin,
    output: () => output,
    stop: async () => {
      child.kill('SIGKILL')
      await ended
    },
    terminate: () => {
      child.kill('SIGTERM')
      return ended
    },
  }
}
