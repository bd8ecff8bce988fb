import type { TenantId } from '../../src/core/domain/tenant.ts'
import type { Repositories } from '../../src/core/ports/repositories.ts'

/** What a watcher does at a call of a store's verb, before the store does; the call waits for it. */
export type Watch = (call: string, args: readonly unknown[]) => void | Promise<void>

/** A store, each of whose calls outside of transactions (`connections.find`, …) is told to `watch` first. */
export function watchedStore<T extends TenantId, Tx>(
  repositories: Repositories<T, Tx>,
  watch: Watch,
): Repositories<T, Tx> {
  const watched = <P extends object>(name: string, part: P): P =>
    // Every verb keeps its signature.
    Object.fromEntries(
      Object.entries(part).map(([verb, run]) => [
        verb,
        async (...args: readonly unknown[]) => {
          await watch(`${name}.${verb}`, args)
          return run(...args)
        },
      ]),
    ) as P
  const parts = Object.entries(repositories).map(([name, part]) => [
    name,
    typeof part === 'function' ? part : watched(name, part),
  ])
  return Object.fromEntries(parts) // the same parts, watched
}
