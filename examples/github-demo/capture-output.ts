/** What a process prints while it is captured. */
export interface CapturedOutput {
  /** Everything printed so far, on standard output and standard error. */
  text(): string
  /** Stops capturing. */
  restore(): void
}

/** Keeps a copy of everything that this process prints; it is printed all the same. */
export function captureOutput(): CapturedOutput {
  const chunks: string[] = []
  const restores = [process.stdout, process.stderr].map((stream) => {
    const write = stream.write
    stream.write = ((chunk: string | Uint8Array, ...rest: []) => {
      chunks.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'))
      return write.call(stream, chunk, ...rest)
      // `write` has overloads, which a function expression can't have.
    }) as typeof stream.write
    return () => {
      stream.write = write
    }
  })
  return {
    text: () => chunks.join(''),
    restore: () => {
      for (const restore of restores) restore()
    },
  }
}
