import type { DueRefresh, EndedRefresh } from './domain/due-refresh.ts'
import type { ErrorCode } from './domain/errors.ts'
import type { TenantId } from './domain/tenant.ts'

/**
 * What is sealed with one key, in sealed values: the credentials, webhook secrets and secret settings of a connection are three,
 * and what is remembered of an account that somebody is connecting on a consent page is one.
 */
export interface KeyUse {
  readonly id: string
  /** Whether new values are sealed with it. */
  readonly isActive: boolean
  /** Whether this process has it. One that has not can't open these values. */
  readonly isConfigured: boolean
  /** All values that are sealed with it: 0 = it can be retired, once no process seals with it any more. */
  readonly valueCount: number
  readonly credentialsCount: number
  readonly webhookSecretsCount: number
  readonly settingsCount: number
  /** Authorizations under way: gone by themselves ten minutes after they were begun. */
  readonly authorizationsCount: number
}

/** Which keys are in use. */
export interface KeyUsage {
  readonly activeKeyId: string
  /** Those that are configured here, in that order, then those that are only in use. */
  readonly keys: readonly KeyUse[]
  /** Values that name no key: written by something else, or Fernet tokens of none of the configured keys. */
  readonly unreadableCount: number
}

/** How far a re-encryption got. */
export interface ReencryptProgress {
  readonly activeKeyId: string
  /** Connections looked at. */
  readonly connectionCount: number
  /** Values that were sealed anew. */
  readonly resealedCount: number
  /** Connections that are being written by others, mostly because their credentials are being refreshed: looked at again later. */
  readonly waitingCount: number
  /** Values that don't open. */
  readonly failedCount: number
}

/** A value that does not open. */
export interface ReencryptFailure<T extends TenantId = TenantId> {
  readonly tenantId: T
  readonly connectionId: string
  readonly field: 'credentials' | 'webhookSecrets' | 'settings'
  readonly code: ErrorCode
  readonly message: string
}

/** What a re-encryption did. */
export interface ReencryptResult<T extends TenantId = TenantId> extends ReencryptProgress {
  /** `completed`: whatever there was is sealed with the active key. `partial`: something is left; run it again. */
  readonly status: 'completed' | 'partial'
  /** Why something is left: it was called off, others kept writing, or values don't open. */
  readonly reason: 'aborted' | 'busy' | 'failed' | null
  /** The values that don't open, the first 100. */
  readonly failures: readonly ReencryptFailure<T>[]
}

/** How to re-encrypt. */
export interface ReencryptOptions {
  /** Connections read at a time, 1 to 1,000. Default 200. */
  readonly batchSize?: number
  /** Told after every batch. What it throws ends the run. */
  readonly onProgress?: (progress: ReencryptProgress) => void
  /** Stops after the connection that is being written. */
  readonly signal?: AbortSignal
}

/** How to refresh what is due. */
export interface RefreshDueOptions {
  /** Connections, 100 by default. */
  readonly limit?: number
  /** Refreshes at a time. Default 4. */
  readonly concurrency?: number
}

/** The verbs on credentials and the keys that they are sealed with, across tenants. */
export interface CredentialsVerbs<T extends TenantId> {
  /**
   * Refreshes credentials whose access token ends soon, those that wait longest first, so that no call has to wait for it and no
   * grant dies because nobody called. Leaves out connections that are disabled, paused or need a new grant, those whose refresh
   * failed just now, and those that another process refreshes. Workers do it by themselves; without them call it every minute.
   * Any number of processes may at once: there is one refresh.
   *
   * @throws {ConnectorsError} `INVALID_INPUT`; `STORE_UNAVAILABLE`.
   */
  refreshDue(options?: RefreshDueOptions): Promise<readonly EndedRefresh<T>[]>
  /** What that would refresh. */
  due(options?: Pick<RefreshDueOptions, 'limit'>): Promise<readonly DueRefresh<T>[]>
  /** The same for one connection; `null` if there is nothing to be done about it here and now. */
  refreshIfDue(connectionId: string): Promise<EndedRefresh<T> | null>
  /**
   * Seals everything that was sealed with another key with the active one, while everything else goes on: what others write
   * meanwhile is never overwritten, and a connection whose credentials are being refreshed is passed over and looked at again.
   * Credentials stay the same credentials, so nobody opens, tests or refreshes anything because of it. It may be stopped,
   * killed and run again at any time: what is done is skipped. Takes about one statement for a connection.
   *
   * @throws {ConnectorsError} `INVALID_INPUT`; `STORE_UNAVAILABLE`: run it again.
   */
  reencrypt(options?: ReencryptOptions): Promise<ReencryptResult<T>>
  /** Counts what is sealed with which key. Reads all connections and authorizations under way. */
  keyUsage(): Promise<KeyUsage>
  /**
   * Refuses to call a key retired that is in use: call it before you take a key out of the configuration.
   *
   * @throws {ConnectorsError} `KEY_IN_USE`, saying by how many values, or that it is the active key.
   */
  assertUnused(keyId: string): Promise<void>
}
