import type { RefreshDueOptions } from '../credentials-verbs.ts'
import type { Connection } from '../domain/connection.ts'
import type { DueRefresh, EndedRefresh } from '../domain/due-refresh.ts'
import { isConnectorsError } from '../domain/errors.ts'
import { operatorScope, type TenantId } from '../domain/tenant.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConnectionRepository } from '../ports/connection-repository.ts'
import { checkFields, type FieldCheck, wholeNumber } from './check-fields.ts'
import type { CredentialRefresh } from './credential-refresh.ts'
import type { GateCopies } from './gate-copies.ts'
import { limitConcurrency } from './limit-concurrency.ts'

/** Credentials that are to be refreshed, of all tenants, and refreshing them. */
export interface DueRefreshes<T extends TenantId> {
  readonly list: (options?: Pick<RefreshDueOptions, 'limit'>) => Promise<readonly DueRefresh<T>[]>
  readonly run: (options?: RefreshDueOptions) => Promise<readonly EndedRefresh<T>[]>
  readonly runOne: (connectionId: string) => Promise<EndedRefresh<T> | null>
}

const defaults = { limit: 100, concurrency: 4 }

/** Makes the verbs. */
export function createDueRefreshes<T extends TenantId>({
  connections,
  copies,
  refresh,
  clock,
}: {
  readonly connections: Pick<ConnectionRepository<T>, 'dueForRefresh'>
  readonly copies: Pick<GateCopies<T>, 'readFresh'>
  readonly refresh: Pick<CredentialRefresh<T>, 'unlessBusy' | 'isCooling' | 'coolingCount'>
  readonly clock: Clock
}): DueRefreshes<T> {
  /** Those whose refresh failed just now are still due, and wait longest: others must not wait behind them. */
  const dueRows = async (limit = defaults.limit) => {
    const rows = await connections.dueForRefresh({ at: clock.now(), limit: limit + refresh.coolingCount() })
    return rows.filter(({ id }) => !refresh.isCooling(id)).slice(0, limit)
  }

  const read = async (connectionId: string): Promise<Connection<T> | null> => {
    try {
      return await copies.readFresh(operatorScope, connectionId)
    } catch (error) {
      if (isConnectorsError(error, 'CONNECTION_NOT_FOUND')) return null
      throw error
    }
  }

  const runOne = async (connectionId: string): Promise<EndedRefresh<T> | null> => {
    const connection = await read(connectionId)
    if (connection === null || !isDue(connection, clock.now())) return null
    const { tenantId } = connection
    try {
      const refreshed = await refresh.unlessBusy(connection)
      if (refreshed === null) return null
      return { tenantId, connectionId, status: 'refreshed', tokenExpiresAt: refreshed.tokenExpiresAt }
    } catch (error) {
      if (!isConnectorsError(error)) throw error
      if (isConnectorsError(error, 'CONNECTION_NOT_FOUND')) return null
      return { tenantId, connectionId, status: 'failed', error }
    }
  }

  return {
    list: async (options = {}) => {
      checkFields('The options of credentials.due', options, { limit: wholeNumber })
      return (await dueRows(options.limit)).flatMap(({ tenantId, id, tokenRefreshAt, tokenExpiresAt }) =>
        tokenRefreshAt === null ? [] : [{ tenantId, connectionId: id, dueAt: tokenRefreshAt, tokenExpiresAt }],
      )
    },
    runOne,
    run: async (options = {}) => {
      checkFields('The options of credentials.refreshDue', options, optionFields)
      const inTurn = limitConcurrency(options.concurrency ?? defaults.concurrency)
      const rows = await dueRows(options.limit)
      const ended = await Promise.allSettled(rows.map(({ id }) => inTurn(() => runOne(id))))
      return ended.flatMap((end) => {
        if (end.status === 'rejected') throw end.reason
        return end.value === null ? [] : [end.value]
      })
    },
  }
}

const optionFields = { limit: wholeNumber, concurrency: wholeNumber } satisfies Record<
  keyof RefreshDueOptions,
  FieldCheck
>

/** As `dueForRefresh` of the repository says, of a row that was read since. */
function isDue(connection: Connection, at: Date): boolean {
  const { tokenRefreshAt, pausedUntil, isEnabled, needsReauthorization, deletedAt } = connection
  if (tokenRefreshAt === null || tokenRefreshAt > at || deletedAt !== null) return false
  return isEnabled && !needsReauthorization && (pausedUntil === null || pausedUntil <= at)
}
