import { type ConnectorsOptions, createConnectors } from 'bapp-connectors'
import type { StorageChange, StorageEntry } from 'bapp-connectors/families/storage'
import { type MemoryRepositories, memoryRepositories } from 'bapp-connectors/memory'
import { dropbox } from 'bapp-connectors/providers/dropbox'

/** Keeps a list of what lies in the Dropboxes of all tenants. */
export function startConnectors(
  repositories: MemoryRepositories = memoryRepositories<string>(),
  { provider = dropbox, ...options }: Omit<ConnectorsOptions, 'providers'> & { readonly provider?: typeof dropbox },
) {
  const connectors = createConnectors(repositories, {
    ...options,
    providers: [provider],
    handlers: {
      'storage.files': async ({ items, connection, tx }) => {
        const entries = tx.table<StorageEntry>('entries')
        for (const change of items) applyChange(entries, connection.id, change)
      },
    },
  })
  // A delivery says that something changed: whoever runs what is due syncs. Asking ten times is asking once.
  connectors.webhooks.handle('files.changed', {
    prepare: async ({ connection }) => {
      await connectors.forTenant(connection.tenantId).sync.request(connection.id, 'files')
      return async () => {}
    },
  })
  return connectors
}

/** One step of what happened. A folder takes with it what lies below, and what takes its place starts empty. */
function applyChange(entries: Map<string, StorageEntry>, connectionId: string, change: StorageChange): void {
  const key = `${connectionId}:${change.pathKey}`
  if (change.kind !== 'folder') {
    // The key of everything is empty: then all paths of the connection begin so.
    for (const below of [...entries.keys()]) if (below.startsWith(`${key}/`)) entries.delete(below)
  }
  if (change.kind === 'deleted') entries.delete(key)
  else entries.set(key, change)
}
