import type { Connection } from '../domain/connection.ts'
import type { Page, PageRequest } from '../domain/page.ts'
import type { PauseAnswer } from '../domain/pause.ts'
import type { Scope, TenantId } from '../domain/tenant.ts'

/** Names one connection of one tenant. A write whose pair doesn't match a row changes nothing. */
export interface ConnectionRef<T extends TenantId> {
  readonly tenantId: T
  readonly id: string
}

/** The sealed columns of a connection. */
export type SealedColumn = 'credentialsEncrypted' | 'webhookSecretsEncrypted' | 'settingsEncrypted'

/** A ciphertext, and what takes its place. */
export interface Resealing {
  readonly from: string
  readonly to: string
}

/** Which connections to list. */
export interface ConnectionFilter {
  readonly family?: string
  readonly provider?: string
  /** The account at the provider, as the provider calls it, letter by letter. */
  readonly externalAccountId?: string
  readonly isEnabled?: boolean
  readonly isConnected?: boolean
  /** Whose name contains this text, at most 200 characters, or whose id or account it is. To the letter: case counts. */
  readonly text?: string
}

/** The fields that `update` may write; absent ones stay as they are. */
export interface ConnectionPatch {
  readonly displayName?: string
  readonly config?: Connection['config']
  readonly settingsEncrypted?: string | null
  readonly webhookSecretsEncrypted?: string | null
  readonly externalAccountId?: string | null
}

/** A connection before and after a verb; `null` if there is no such connection. */
export type ConnectionChange<T extends TenantId> = {
  readonly before: Connection<T>
  readonly after: Connection<T>
} | null

/** Stores connections. See {@link RepositorySet} for the rules all verbs follow. */
export interface ConnectionRepository<T extends TenantId> {
  /**
   * Adds a connection.
   *
   * @throws {ConnectorsError} `CONFLICT` when (tenant, family, provider, slot) is taken; `INVALID_TENANT_ID` when the store
   *   keeps the tenant's id in another spelling (a uuid in capitals); `INVALID_INPUT` when it knows no such tenant.
   */
  readonly create: (connection: Connection<T>) => Promise<void>

  /** The connection, or `null` if it doesn't exist, is deleted (unless asked for) or lies outside the scope. */
  readonly find: (query: {
    readonly scope: Scope<T>
    readonly id: string
    readonly includeDeleted?: boolean
  }) => Promise<Connection<T> | null>

  /** Connections in ascending order of id, or with `newestFirst` in descending order. */
  readonly list: (
    query: {
      readonly scope: Scope<T>
      readonly filter: ConnectionFilter
      readonly newestFirst?: boolean
    } & PageRequest,
  ) => Promise<Page<Connection<T>>>

  /**
   * Writes the patch if the row still has `expectedVersion`, and raises the version.
   * Answers the row as written, or `null` if the version has moved on or the row is gone.
   */
  readonly update: (
    ref: ConnectionRef<T>,
    change: { readonly at: Date; readonly expectedVersion: number; readonly patch: ConnectionPatch },
  ) => Promise<Connection<T> | null>

  /**
   * Replaces the credentials if the row still has `expectedCredentialsVersion`: of concurrent calls one wins.
   * Raises `credentialsVersion` by one, starts the count of authentication failures afresh, no longer asks for a new grant,
   * and ends a refresh lease.
   * Answers the row as written, or `null` if another replacement came first or the row is gone.
   */
  readonly replaceCredentials: (
    ref: ConnectionRef<T>,
    change: {
      readonly at: Date
      readonly expectedCredentialsVersion: number
      readonly credentialsEncrypted: string
      readonly tokenExpiresAt: Date | null
      readonly tokenRefreshAt: Date | null
    },
  ) => Promise<Connection<T> | null>

  /**
   * Puts new ciphertexts of the same secrets in the place of old ones: all of them, if each column still holds just the old
   * one, letter by letter, and nobody has the right to refresh the credentials (a lease counts until `clockSkewMs` after it
   * expired). Leaves `credentialsVersion` alone: these are the same credentials.
   * Answers the row as written, or `null` if a column was written meanwhile, someone refreshes, or the row is gone.
   */
  readonly reseal: (
    ref: ConnectionRef<T>,
    change: {
      readonly at: Date
      readonly clockSkewMs: number
      readonly columns: { readonly [Column in SealedColumn]?: Resealing }
    },
  ) => Promise<Connection<T> | null>

  /**
   * Takes the exclusive right to refresh the credentials. Of concurrent calls exactly one wins. It may be taken when nobody
   * has it or `clockSkewMs` after it expired, and only while the row still has `expectedCredentialsVersion`: whoever comes
   * after the refresh must not refresh again.
   * Answers the row as taken, or `null` if someone else has the right, the credentials are newer, or the row is gone.
   */
  readonly acquireRefreshLease: (
    ref: ConnectionRef<T>,
    lease: {
      readonly owner: string
      readonly at: Date
      readonly leaseMs: number
      readonly clockSkewMs: number
      readonly expectedCredentialsVersion: number
    },
  ) => Promise<Connection<T> | null>

  /**
   * Of all tenants, the connections whose credentials have to be refreshed at an instant, those that wait longest first:
   * `tokenRefreshAt` has come; they are enabled, not paused, need no new grant, and nobody refreshes them. At most `limit`.
   */
  readonly dueForRefresh: (query: { readonly at: Date; readonly limit: number }) => Promise<readonly Connection<T>[]>

  /** Gives the right to refresh back without having refreshed. Another owner's lease stays. */
  readonly releaseRefreshLease: (
    ref: ConnectionRef<T>,
    release: { readonly owner: string; readonly at: Date },
  ) => Promise<void>

  /**
   * Counts one refusal of the credentials, as the reducer `breaker` says: N concurrent calls count N, and exactly one
   * sees the connection go from enabled to disabled. A failure of other credentials than the current ones changes nothing.
   */
  readonly recordAuthFailure: (
    ref: ConnectionRef<T>,
    failure: {
      readonly at: Date
      readonly reason: string
      readonly threshold: number
      readonly credentialsVersion: number
      readonly disconnect: boolean
      readonly needsReauthorization: boolean
    },
  ) => Promise<ConnectionChange<T>>

  /** Records that the provider accepted the credentials, as the reducer `breaker` says. Stale successes change nothing. */
  readonly markConnected: (
    ref: ConnectionRef<T>,
    success: {
      readonly at: Date
      readonly startedAt: Date
      readonly credentialsVersion: number
      readonly appliesToDisabled: boolean
    },
  ) => Promise<ConnectionChange<T>>

  /** Turns the connection on and forgets failures and reason. */
  readonly enable: (ref: ConnectionRef<T>, change: { readonly at: Date }) => Promise<ConnectionChange<T>>

  /** Turns the connection off. */
  readonly disable: (
    ref: ConnectionRef<T>,
    change: { readonly at: Date; readonly reason: string | null },
  ) => Promise<ConnectionChange<T>>

  /**
   * Pauses the connection, as the reducer `pauses` says. A pause never shortens a longer one, and ends a probe's lease.
   * With `seenPauseCount` it tells of an outage: it pauses only while the row still has that count, which grows by one, so
   * that of concurrent calls that saw the same state exactly one pauses and the outage counts once. Without (`null`) the
   * count is neither asked nor changed. A failure of other credentials than the current ones changes nothing
   * (`credentialsVersion`; `null` when an operator decides).
   * Answers the row as written, or `null` if nothing changed or the row is gone.
   */
  readonly pause: (
    ref: ConnectionRef<T>,
    pause: {
      readonly at: Date
      readonly untilAt: Date
      readonly reason: string | null
      readonly credentialsVersion: number | null
      readonly seenPauseCount: number | null
    },
  ) => Promise<Connection<T> | null>

  /**
   * Ends a pause, running or over, as the reducer `pauses` says, and with it the count, the reason and a probe's lease: of
   * concurrent calls exactly one does. With `answer`, only if the answered call began when the pause was over and was
   * made with the current credentials.
   * Answers the row as written, or `null` if there was no such pause or the row is gone.
   */
  readonly resume: (
    ref: ConnectionRef<T>,
    change: { readonly at: Date; readonly answer: PauseAnswer | null },
  ) => Promise<Connection<T> | null>

  /**
   * Takes the exclusive right to make the first call after a pause. Of concurrent calls exactly one wins. It may be taken
   * from the instant `pausedUntil` on, when nobody has it or `clockSkewMs` after it expired.
   * Answers the row as taken, or `null` if the connection isn't paused, the pause isn't over, someone else has the right,
   * or the row is gone.
   */
  readonly acquireProbe: (
    ref: ConnectionRef<T>,
    lease: { readonly owner: string; readonly at: Date; readonly leaseMs: number; readonly clockSkewMs: number },
  ) => Promise<Connection<T> | null>

  /** Gives the right to probe back without having found anything out. Another owner's lease stays. */
  readonly releaseProbe: (
    ref: ConnectionRef<T>,
    release: { readonly owner: string; readonly at: Date },
  ) => Promise<void>

  /**
   * Erases credentials, webhook secrets and settings, disables and hides the row, and frees its slot, so that the tenant
   * can connect the provider anew. Answers the row as it was, or `null` if there was none: of concurrent calls one gets it.
   */
  readonly delete: (ref: ConnectionRef<T>, change: { readonly at: Date }) => Promise<Connection<T> | null>
}
