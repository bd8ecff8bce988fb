import type { Connectors } from 'bapp-connectors'

/** Seals everything with the active key, and makes sure that the old one isn't needed any more. */
export async function retireKey(connectors: Connectors): Promise<void> {
  const stop = new AbortController()
  const result = await connectors.operator.credentials.reencrypt({
    batchSize: 200,
    signal: stop.signal,
    onProgress: ({ connectionCount, resealedCount }) => console.log(connectionCount, resealedCount),
  })
  if (result.status === 'partial') console.warn(result.reason, result.failures)
  await connectors.operator.credentials.assertUnused('2025-11')
}
