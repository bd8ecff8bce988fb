/** Writes to the real standard output; calls back when it is out, or can't get out. */
export type WriteOutput = (text: string, done?: () => void) => void

/**
 * Has everything that others write to standard output go to standard error, and answers who still can write there: what an
 * application prints when it is loaded (loggers, banners) must not get into the output of a command, JSON above all.
 */
export function divertStandardOutput({ stdout, stderr }: Pick<NodeJS.Process, 'stdout' | 'stderr'>): WriteOutput {
  const write = stdout.write.bind(stdout)
  stdout.write = stderr.write.bind(stderr)
  // Loggers (pino) take the number and write by themselves.
  const claimNumber = (value: number) => Object.defineProperty(stdout, 'fd', { value, configurable: true })
  claimNumber(2)
  return (text, done) => {
    // So does the stream itself, at once, where standard output is a file.
    claimNumber(1)
    write(text, () => done?.())
    claimNumber(2)
  }
}
