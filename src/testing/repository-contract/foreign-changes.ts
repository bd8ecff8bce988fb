import type { Connection } from '../../core/domain/connection.ts'
import { instant } from '../instant.ts'

const owner = 'me'

/** A connection on which every verb about pauses and leases would change something. */
export const probed = {
  pausedUntil: instant(1),
  pauseReason: 'away',
  pauseCount: 1,
  probeLeaseOwner: owner,
  probeLeaseExpiresAt: instant(1_000),
  refreshLeaseOwner: owner,
  refreshLeaseExpiresAt: instant(1_000),
} as const

/** What would change such a connection, were it asked for by its own name. */
export function foreignChanges({ credentialsVersion }: Pick<Connection, 'credentialsVersion'>) {
  const at = instant(1_000_000)
  return {
    pause: { untilAt: instant(2_000_000), reason: 'x', credentialsVersion: null, seenPauseCount: null },
    lease: { owner, at, leaseMs: 60_000, clockSkewMs: 0 },
    success: { at, startedAt: at, credentialsVersion, appliesToDisabled: true },
    replacement: {
      at,
      expectedCredentialsVersion: credentialsVersion,
      credentialsEncrypted: 'foreign',
      tokenExpiresAt: null,
      tokenRefreshAt: null,
    },
  }
}
