#!/usr/bin/env node
import { randomBytes } from 'node:crypto'
import { loadEnvFile } from 'node:process'
import { createInterface } from 'node:readline/promises'
import { divertStandardOutput } from './divert-standard-output.ts'
import { runCli } from './run-cli.ts'

// Whoever reads the output may stop in the middle, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

const isInteractive = process.stdin.isTTY && process.stdout.isTTY
const write = divertStandardOutput(process)

// An application can empty the event loop, or end the process, while it is loaded: that must not look like a success.
const onEarlyExit = () => {
  process.stderr.write(
    'Nothing is known: the process ended before the command did. Look for process.exit, and for an await of something ' +
      'that never comes, in the file that --app names and in what it imports.\n',
  )
  process.exitCode = 1
}
process.once('exit', onEarlyExit)

// No await on top, so that this file stays loadable in every way the rest of the package is.
runCli(process.argv.slice(2), {
  cwd: process.cwd(),
  write,
  complain: (text) => process.stderr.write(text),
  ask: isInteractive ? ask : null,
  now: () => new Date(),
  randomBytes,
  columns: () => (process.stderr.isTTY ? process.stderr.columns || 80 : null),
  onInterrupt: (listener) => {
    // Once: the second time ends the process as if nobody listened.
    process.once('SIGINT', listener)
    return () => process.off('SIGINT', listener)
  },
  loadEnvFile,
}).then(end, (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  end(1)
})

/** What the application keeps open (pools, timers) doesn't keep the command alive; output on its way gets out first. */
function end(code: number): void {
  process.off('exit', onEarlyExit)
  process.exitCode = code
  write('', () => process.stderr.write('', () => process.exit(code)))
}

function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  return new Promise<string>((resolve, reject) => {
    // The end of the input leaves a question unanswered for ever.
    terminal.once('close', () => resolve(''))
    terminal.question(question).then(resolve, reject)
  }).finally(() => terminal.close())
}
