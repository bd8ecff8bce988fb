import { notPaused } from '../../core/domain/pause.ts'

/** What a connection is without the right to refresh its credentials. */
export const noRefreshLease = { refreshLeaseOwner: null, refreshLeaseExpiresAt: null } as const

/** What `delete` leaves of a connection, beside `deletedAt` and the id as its slot. */
export const erasedConnection = {
  credentialsEncrypted: '',
  webhookSecretsEncrypted: null,
  settingsEncrypted: null,
  config: {},
  tokenExpiresAt: null,
  ...noRefreshLease,
  ...notPaused,
  isEnabled: false,
  isConnected: false,
} as const
