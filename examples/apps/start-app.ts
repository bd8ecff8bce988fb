import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** An application in a process of its own. */
export interface StartedApp {
  readonly origin: string
  /** What it printed so far. */
  readonly output: () => string
  readonly stop: () => Promise<void>
}

/** Starts an application as `npm start` does, on a free port, and waits until it listens. */
export async function startApp(name: string, env: Readonly<Record<string, string>> = {}): Promise<StartedApp> {
  const folder = new URL(`./${name}/`, import.meta.url)
  const { scripts } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as {
    scripts: { start: string }
  }
  const [, ...args] = scripts.start.split(' ')
  // Without the command's own process in between, which would survive us. It takes the option from the environment.
  const [option, tsconfig, file] = args
  if (option !== '--tsconfig' || tsconfig === undefined || file === undefined) throw new Error(scripts.start)
  const child = spawn(process.execPath, ['--import', 'tsx', file], {
    cwd: folder,
    env: { ...process.env, ...env, PORT: '0', NODE_ENV: 'production', TSX_TSCONFIG_PATH: tsconfig },
  })
  let output = ''
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const origin = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += String(chunk)
      const port = /listening on http:\S+?:(\d+)\s/.exec(output)?.[1]
      if (port !== undefined) resolve(`http://localhost:${port}`)
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
  }
}
