import type { Contestant } from './interleave.ts'

/** Work of several at a time: each begins its next operation when one is done. */
export function atOnce(concurrency: number, operation: () => Promise<unknown>): Contestant['work'] {
  return async (ms) => {
    const endAt = performance.now() + ms
    let operations = 0
    const one = async () => {
      while (performance.now() < endAt) {
        await operation()
        operations += 1
      }
    }
    await Promise.all(Array.from({ length: concurrency }, one))
    return operations
  }
}

/** Work that is too short to look at the clock each time. */
export function inBatches(size: number, operation: () => unknown): Contestant['work'] {
  return async (ms) => {
    const endAt = performance.now() + ms
    let operations = 0
    while (performance.now() < endAt) {
      for (let index = 0; index < size; index += 1) operation()
      operations += size
    }
    return operations
  }
}

/** The same for what has to be awaited. */
export function inAwaitedBatches(size: number, operation: () => Promise<unknown>): Contestant['work'] {
  return async (ms) => {
    const endAt = performance.now() + ms
    let operations = 0
    while (performance.now() < endAt) {
      for (let index = 0; index < size; index += 1) await operation()
      operations += size
    }
    return operations
  }
}
