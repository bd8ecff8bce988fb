import type { Connection } from '../../core/domain/connection.ts'
import { noProbeLease, notPaused } from '../../core/domain/pause.ts'
import type { Resealing, SealedColumn } from '../../core/ports/connection-repository.ts'

/** What a connection is without the right to refresh its credentials. */
export const noRefreshLease = { refreshLeaseOwner: null, refreshLeaseExpiresAt: null } as const

/** What `acquireRefreshLease` writes. */
export function refreshLease({ owner, at, leaseMs }: { readonly owner: string; readonly at: Date; leaseMs: number }) {
  return { refreshLeaseOwner: owner, refreshLeaseExpiresAt: new Date(at.getTime() + leaseMs) }
}

/** What `replaceCredentials` writes: what the reducer makes of `credentialsReplaced`, under the guard of the verb. */
export function replacedCredentials(change: {
  readonly expectedCredentialsVersion: number
  readonly credentialsEncrypted: string
  readonly tokenExpiresAt: Date | null
  readonly tokenRefreshAt: Date | null
}) {
  const { expectedCredentialsVersion, credentialsEncrypted, tokenExpiresAt, tokenRefreshAt } = change
  return {
    credentialsEncrypted,
    tokenExpiresAt,
    tokenRefreshAt,
    needsReauthorization: false,
    credentialsVersion: expectedCredentialsVersion + 1,
    authFailureCount: 0,
    lastAuthFailureAt: null,
    ...noRefreshLease,
  }
}

/** The old and the new ciphertexts of `reseal`, by column. */
export function resealedColumns(columns: { readonly [Column in SealedColumn]?: Resealing }) {
  const from: { [Column in SealedColumn]?: string } = {}
  const to: { [Column in SealedColumn]?: string } = {}
  for (const column of ['credentialsEncrypted', 'webhookSecretsEncrypted', 'settingsEncrypted'] as const) {
    const resealing = columns[column]
    if (resealing === undefined) continue
    from[column] = resealing.from
    to[column] = resealing.to
  }
  return { from, to }
}

/** The columns that the circuit breaker may change. */
export function breakerColumns(decided: Connection) {
  const { isEnabled, isConnected, authFailureCount, lastAuthFailureAt, disabledReason, needsReauthorization } = decided
  return { isEnabled, isConnected, authFailureCount, lastAuthFailureAt, disabledReason, needsReauthorization }
}

/** What `pause` writes: what the reducer makes of `paused`, under the guards of the verb. */
export function pausedConnection(pause: {
  readonly untilAt: Date
  readonly reason: string | null
  readonly seenPauseCount: number | null
}) {
  const { untilAt, reason, seenPauseCount } = pause
  return {
    pausedUntil: untilAt,
    pauseReason: reason,
    ...(seenPauseCount !== null && { pauseCount: seenPauseCount + 1 }),
    ...noProbeLease,
  }
}

/** What `acquireProbe` writes. */
export function probeLease({ owner, at, leaseMs }: { readonly owner: string; readonly at: Date; leaseMs: number }) {
  return { probeLeaseOwner: owner, probeLeaseExpiresAt: new Date(at.getTime() + leaseMs) }
}

/** What `delete` leaves of a connection, beside `deletedAt` and the id as its slot. */
export const erasedConnection = {
  credentialsEncrypted: '',
  webhookSecretsEncrypted: null,
  settingsEncrypted: null,
  config: {},
  tokenExpiresAt: null,
  tokenRefreshAt: null,
  needsReauthorization: false,
  ...noRefreshLease,
  ...notPaused,
  isEnabled: false,
  isConnected: false,
} as const
