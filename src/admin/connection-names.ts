import { isConnectorsError } from '../core/domain/errors.ts'
import type { Sight } from './sight.ts'

/** What connections are called, by their ids. Those that are deleted, or aren't to be seen, have no name. */
export type ConnectionNames = ReadonlyMap<string, string>

/** Reads the names of the connections that the rows of a page belong to: each once, and few, as pages are short. */
export async function readConnectionNames(
  sight: Pick<Sight, 'connection'>,
  rows: readonly { readonly connectionId: string }[],
): Promise<ConnectionNames> {
  const ids = [...new Set(rows.map(({ connectionId }) => connectionId))]
  const named = await Promise.all(
    ids.map(async (id): Promise<readonly [string, string][]> => {
      try {
        return [[id, (await sight.connection(id)).displayName]]
      } catch (error) {
        if (isConnectorsError(error, 'CONNECTION_NOT_FOUND')) return []
        throw error
      }
    }),
  )
  return new Map(named.flat())
}
