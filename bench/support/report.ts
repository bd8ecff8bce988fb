import type { Line } from './line.ts'

/** Hands lines to whoever started this process; alone, it prints them. */
export function report(...lines: readonly Line[]): void {
  if (process.send === undefined) console.dir(lines, { depth: 4 })
  else for (const line of lines) process.send(line)
}
