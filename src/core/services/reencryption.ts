import type { ReencryptFailure, ReencryptProgress, ReencryptResult } from '../credentials-verbs.ts'
import type { Connection } from '../domain/connection.ts'
import { isConnectorsError } from '../domain/errors.ts'
import { operatorScope, type TenantId } from '../domain/tenant.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConnectionRepository, Resealing, SealedColumn } from '../ports/connection-repository.ts'
import { sealedValues } from './sealed-values.ts'
import type { Vault } from './vault.ts'
import { waitOrAbort } from './wait-or-abort.ts'

/** How often a connection that others write is read and tried anew, before its turn comes later. */
const maxTries = 5

/** How long to wait before looking again at connections that are being refreshed. */
const waitMs = 1_000

/** How often they are looked at again: for twice as long as a lease of a minute and the difference of clocks. */
const maxWaits = 140

/** Failures that are told. */
const maxFailures = 100

/** Seals the values of all connections anew that weren't sealed with the active key. */
export async function reencrypt<T extends TenantId>(
  {
    connections,
    vault,
    clock,
    clockSkewMs,
    activeKeyId,
  }: {
    readonly connections: ConnectionRepository<T>
    readonly vault: Vault
    readonly clock: Clock
    readonly clockSkewMs: number
    readonly activeKeyId: string
  },
  {
    batchSize,
    onProgress,
    signal,
  }: {
    readonly batchSize: number
    readonly onProgress: (progress: ReencryptProgress) => void
    readonly signal: AbortSignal
  },
): Promise<ReencryptResult<T>> {
  let connectionCount = 0
  let resealedCount = 0
  const waiting = new Map<string, Connection<T>>()
  /** By value, so that one that is looked at again is told once. */
  const failures = new Map<string, ReencryptFailure<T>>()

  const progress = (): ReencryptProgress => ({
    activeKeyId,
    connectionCount,
    resealedCount,
    waitingCount: waiting.size,
    failedCount: failures.size,
  })

  const prepare = async (connection: Connection<T>) => {
    const columns: { [Column in SealedColumn]?: Resealing } = {}
    for (const { column, sealed, context } of sealedValues(connection)) {
      if ((await vault.keyIdOf(sealed, context)) === activeKeyId) continue
      try {
        columns[column] = { from: sealed, to: await vault.reseal(sealed, context) }
      } catch (error) {
        if (!isConnectorsError(error) || error.code === 'KEYS_UNAVAILABLE') throw error
        const { id: connectionId, tenantId } = connection
        const { code, message } = error
        failures.set(`${connectionId} ${column}`, { tenantId, connectionId, field: context.field, code, message })
      }
    }
    return columns
  }

  /** Whether nothing is left to do, as far as it can be done. */
  const settle = async (found: Connection<T>): Promise<boolean> => {
    let connection: Connection<T> | null = found
    for (let tries = 0; tries < maxTries && connection !== null; tries += 1) {
      const columns = await prepare(connection)
      const count = Object.keys(columns).length
      if (count === 0) return true
      const written = await connections.reseal(connection, { at: clock.now(), clockSkewMs, columns })
      if (written !== null) {
        resealedCount += count
        return true
      }
      connection = await connections.find({ scope: operatorScope, id: connection.id })
      // Whoever refreshes takes longer than a few tries.
      if (connection !== null && connection.refreshLeaseOwner !== null) return false
    }
    // What is gone has nothing sealed.
    return connection === null
  }

  let after: string | null = null
  do {
    if (signal.aborted) break
    const page = await connections.list({ scope: operatorScope, filter: {}, limit: batchSize, after })
    for (const connection of page.items) {
      if (signal.aborted) break
      connectionCount += 1
      if (!(await settle(connection))) waiting.set(connection.id, connection)
    }
    onProgress(progress())
    after = page.next
  } while (after !== null)

  for (let waits = 0; waiting.size > 0 && waits < maxWaits && !signal.aborted; waits += 1) {
    await waitOrAbort(clock, waitMs, signal)
    for (const { id } of [...waiting.values()]) {
      if (signal.aborted) break
      const connection = await connections.find({ scope: operatorScope, id })
      if (connection === null || (await settle(connection))) waiting.delete(id)
    }
    onProgress(progress())
  }

  const reason = signal.aborted ? 'aborted' : waiting.size > 0 ? 'busy' : failures.size > 0 ? 'failed' : null
  return {
    status: reason === null ? 'completed' : 'partial',
    reason,
    ...progress(),
    failures: [...failures.values()].slice(0, maxFailures),
  }
}
