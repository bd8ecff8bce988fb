/** Starts `count` calls at once and waits for all of them. */
export function race<R>(count: number, call: (index: number) => Promise<R>): Promise<R[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => call(index)))
}
