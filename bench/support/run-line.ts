import { fork } from 'node:child_process'
import type { Line } from './line.ts'

/** Runs a bundled benchmark in a process of its own, so that none of them meets the heap and the compiled code of another. */
export function runLine(
  path: string,
  {
    postgresUrl,
    isProfiled,
    onLine,
  }: { readonly postgresUrl: string; readonly isProfiled: boolean; readonly onLine: (line: Line) => void },
): Promise<readonly Line[]> {
  const profile = ['--cpu-prof', `--cpu-prof-dir=${new URL('../../.tmp/bench-profiles', import.meta.url).pathname}`]
  return new Promise((resolve, reject) => {
    const lines: Line[] = []
    const child = fork(path, {
      execArgv: ['--expose-gc', ...(isProfiled ? profile : [])],
      env: { ...process.env, TEST_POSTGRES_URL: postgresUrl },
    })
    child.on('message', (message) => {
      // Only report() sends.
      const line = message as Line
      lines.push(line)
      onLine(line)
    })
    child.on('error', reject)
    child.on('exit', (code, signal) =>
      code === 0 ? resolve(lines) : reject(new Error(`${path} ended with ${code ?? signal}.`)),
    )
  })
}
