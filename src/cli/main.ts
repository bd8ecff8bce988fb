#!/usr/bin/env node
import { randomBytes } from 'node:crypto'
import { createInterface } from 'node:readline/promises'
import { runCli } from './run-cli.ts'

// Whoever reads the output may stop in the middle, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

const isInteractive = process.stdin.isTTY && process.stdout.isTTY

// The exit code is set, not forced: output that is still on its way gets out. No await on top, so that this file
// stays loadable in every way the rest of the package is.
runCli(process.argv.slice(2), {
  cwd: process.cwd(),
  write: (text) => process.stdout.write(text),
  complain: (text) => process.stderr.write(text),
  ask: isInteractive ? ask : null,
  now: () => new Date(),
  randomBytes,
}).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  },
)

function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  return new Promise<string>((resolve, reject) => {
    // The end of the input leaves a question unanswered for ever.
    terminal.once('close', () => resolve(''))
    terminal.question(question).then(resolve, reject)
  }).finally(() => terminal.close())
}
