import type { z } from 'zod'
import type { CredentialsVerbs } from './credentials-verbs.ts'
import type { AdapterCall } from './domain/adapter-call.ts'
import type { Catalog, CatalogRequest } from './domain/catalog.ts'
import type { ConnectionView } from './domain/connection.ts'
import type { EventName, Listener } from './domain/events.ts'
import type { HandledWork } from './domain/handled-types.ts'
import type { WebhookHandler, WebhookPattern } from './domain/handlers.ts'
import type { Listing } from './domain/listing.ts'
import type { AdapterOf, AnyProvider, Choice, FieldOf } from './domain/provider.ts'
import type { TenantId } from './domain/tenant.ts'
import type { ExecutionVerbs, OperatorExecutionVerbs } from './execution-verbs.ts'
import type { JobVerbs } from './job-verbs.ts'
import type { OAuthVerbs, OperatorOAuthVerbs } from './oauth-verbs.ts'
import type { ConnectionFilter } from './ports/connection-repository.ts'
import type { OperatorSyncVerbs, SyncVerbs } from './sync-verbs.ts'
import type { OperatorWebhookVerbs, WebhookVerbs } from './webhook-verbs.ts'

/** What a test of a connection found. */
export type TestOutcome<T extends TenantId = TenantId> = {
  /**
   * - `connected`: the provider accepts the credentials.
   * - `refused`: it answered and refuses them, or what they ask for.
   * - `unreachable`: no usable answer; says nothing about the credentials and changes nothing.
   */
  readonly status: 'connected' | 'refused' | 'unreachable'
  /** What happened, for people. */
  readonly message: string
  readonly connection: ConnectionView<T>
}

/** What is wrong with some settings, by field. */
export type SettingsValidation =
  | { readonly isValid: true }
  | { readonly isValid: false; readonly issues: readonly { readonly path: string; readonly message: string }[] }

/** What a new connection is made from. */
export interface NewConnection<P extends AnyProvider> {
  /** For people, at most 200 characters; default: the provider's label. */
  readonly displayName?: string
  readonly credentials: z.input<P['credentials']>
  readonly settings?: z.input<P['settings']>
  /** The secret that the provider signs its webhooks with. */
  readonly webhookSecret?: string
}

/** How long to pause a connection: until an instant, or for some milliseconds from now. */
export type PauseRequest = (
  | { readonly untilAt: Date; readonly forMs?: undefined }
  | { readonly forMs: number; readonly untilAt?: undefined }
) & {
  /** Why, for people. */
  readonly reason?: string
}

/** New settings. Types don't tell which are secret, so any may be absent; what has to be there is checked when it runs. */
export type SettingsChange<P extends AnyProvider> = P extends AnyProvider
  ? unknown extends z.input<P['settings']>
    ? unknown
    : { readonly [Name in keyof z.input<P['settings']>]?: z.input<P['settings']>[Name] | null }
  : never

/** The verbs on connections whose database effects can be part of your own transaction: none of them talks to a provider. */
export interface TransactionalConnectionVerbs<P extends AnyProvider, T extends TenantId> {
  /**
   * Connects the tenant to a provider: validates, seals and stores. Test it next.
   *
   * @throws {ConnectorsError} `INVALID_CREDENTIALS`, `INVALID_SETTINGS`, `UNKNOWN_PROVIDER`, `INVALID_INPUT` for a key that
   *   it doesn't know or a wrong name or webhook secret, or `CONNECTION_EXISTS` when the provider allows one connection per
   *   tenant and there is one.
   */
  create<Q extends P>(provider: Q, input: NewConnection<Q>): Promise<ConnectionView<T>>
  /** @throws {ConnectorsError} `CONNECTION_NOT_FOUND` if there is none, it is deleted, or it is another tenant's. */
  get(connectionId: string): Promise<ConnectionView<T>>
  /** Connections, oldest first. */
  list(filter?: ConnectionFilter): Listing<ConnectionView<T>>
  /** Changes what people see: at most 200 characters. @throws {ConnectorsError} `INVALID_INPUT`. */
  update(connectionId: string, change: { readonly displayName: string }): Promise<ConnectionView<T>>
  /** Says what is wrong with settings for this connection, without storing them: what `updateSettings` would say. */
  validateSettings(connectionId: string, settings: unknown): Promise<SettingsValidation>
  /**
   * Replaces the settings. Secret ones are never shown, so a form can't give them back: those that are absent stay as they
   * are, and `null` takes one away (unless the provider's schema takes `null` for a value). An empty string is a value.
   *
   * @param provider - makes the types precise where several are registered.
   * @throws {ConnectorsError} `INVALID_SETTINGS`, naming each field; `INVALID_INPUT` when the connection is to another provider.
   */
  updateSettings<Q extends P>(
    connectionId: string,
    settings: SettingsChange<Q>,
    provider?: Q,
  ): Promise<ConnectionView<T>>
  /**
   * Replaces the credentials, all of them, by others of the same account: webhook secrets and `externalAccountId` stay.
   *
   * @param provider - makes the types precise where several are registered.
   * @throws {ConnectorsError} `INVALID_CREDENTIALS`, naming each field; `INVALID_INPUT` when the connection is to another
   *   provider.
   */
  rotateCredentials<Q extends P>(
    connectionId: string,
    credentials: z.input<Q['credentials']>,
    provider?: Q,
  ): Promise<ConnectionView<T>>
  /**
   * Replaces the webhook secret. Deliveries signed with the old one are accepted for `graceMs` longer (default 24 hours).
   */
  rotateWebhookSecret(
    connectionId: string,
    change: { readonly secret: string; readonly graceMs?: number },
  ): Promise<ConnectionView<T>>
  /** Turns the connection off. */
  disable(connectionId: string, change?: { readonly reason?: string }): Promise<ConnectionView<T>>
  /**
   * Sends nothing for a while, from any process. A pause never shortens a longer one: what it answers says how long it is.
   *
   * @throws {ConnectorsError} `INVALID_INPUT` for an end that isn't in the future.
   */
  pause(connectionId: string, request: PauseRequest): Promise<ConnectionView<T>>
  /** Ends a pause at once, whatever made it. Does nothing where there is none. */
  resume(connectionId: string): Promise<ConnectionView<T>>
  /** Erases credentials, secrets and settings for good, and hides the connection. */
  delete(connectionId: string): Promise<void>
}

/** The verbs on connections. */
export interface ConnectionVerbs<P extends AnyProvider, T extends TenantId> extends TransactionalConnectionVerbs<P, T> {
  /** Asks the provider whether it accepts the credentials. Not subject to the gate: it is the way in. */
  test(connectionId: string): Promise<TestOutcome<T>>
  /** Turns the connection on, forgets failures and reason, then tests it. A pause stays: that ends by `resume`. */
  enable(connectionId: string): Promise<TestOutcome<T>>
  /**
   * The values that a field of the credentials or settings may have, asked of the account at the moment: for a form. Which
   * fields have some, the catalog says (`hasChoices`). It is an ordinary call: it passes the gate, so test a new connection
   * first; it is audited, and feeds the circuit breaker.
   *
   * @throws {ConnectorsError} `INVALID_INPUT` for a field without choices; `CONNECTION_NOT_FOUND`;
   *   `CONNECTION_NOT_OPERATIONAL`; `ABORTED` when `signal` fires; `PROVIDER_FAILED` when the provider's code answers
   *   anything else; and what the call to the provider throws.
   */
  choices(
    connectionId: string,
    field: FieldOf<P>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly Choice[]>
  /**
   * The live adapter of a connection: every call of a method passes the gate, is audited and feeds the circuit breaker.
   *
   * @throws {ConnectorsError} `CONNECTION_NOT_FOUND`; `INVALID_INPUT` when the connection is to another provider.
   *   Its methods throw `CONNECTION_NOT_OPERATIONAL` while the gate is closed.
   */
  adapter<Q extends P>(connectionId: string, provider: Q): Promise<AdapterOf<Q>>
  /**
   * Calls a method of the adapter by name, with arguments that came as JSON, e.g. out of a queue. `signal` calls it off.
   *
   * @throws {ConnectorsError} what `checkCall` throws; `CONNECTION_NOT_OPERATIONAL`; `ABORTED` when `signal` fires; and what
   *   the call throws.
   */
  call(connectionId: string, call: AdapterCall & { readonly signal?: AbortSignal }): Promise<unknown>
  /**
   * Whether such a call can be kept somewhere until later. Calls nothing.
   *
   * @throws {ConnectorsError} `CONNECTION_NOT_FOUND`; `INVALID_INPUT` for a method that the adapter doesn't have or that is a
   *   generator, for arguments that JSON doesn't keep, and for those that hold a secret of the connection.
   */
  checkCall(connectionId: string, call: AdapterCall): Promise<void>
}

/** The verbs on connections across tenants. A connection is made for a tenant: use `forTenant` to create one. */
export interface OperatorConnectionVerbs<P extends AnyProvider, T extends TenantId>
  extends Omit<ConnectionVerbs<P, T>, 'create'> {
  /**
   * Says which account at the provider a connection is to (`null` = not known): deliveries to the address of an app go to the
   * connections of the accounts they are about. Tenants have no such verb, else one could have another's deliveries: take the
   * account from the provider's own answer to the connection's credentials, never from what a tenant typed or a browser sent.
   *
   * @throws {ConnectorsError} `CONNECTION_NOT_FOUND`; `INVALID_INPUT`.
   */
  setExternalAccount(connectionId: string, externalAccountId: string | null): Promise<ConnectionView<T>>
}

/** Everything one tenant can see and do. A foreign id is "not found". */
export interface TenantConnectors<P extends AnyProvider, T extends TenantId, Tx = unknown> {
  readonly connections: ConnectionVerbs<P, T>
  readonly sync: SyncVerbs<P, T, Tx>
  readonly webhooks: WebhookVerbs<P, T>
  readonly oauth: OAuthVerbs<P, T>
  readonly executions: ExecutionVerbs<T>
}

/** The same verbs across tenants. A connection is made for a tenant: use `forTenant` to create one. */
export interface OperatorConnectors<P extends AnyProvider, T extends TenantId, Tx = unknown> {
  readonly connections: OperatorConnectionVerbs<P, T>
  readonly sync: OperatorSyncVerbs<P, T, Tx>
  readonly webhooks: OperatorWebhookVerbs<P, T>
  readonly oauth: OperatorOAuthVerbs<T>
  readonly executions: OperatorExecutionVerbs<T>
  readonly credentials: CredentialsVerbs<T>
  /** What time it is for the library: how old something is, and what is over, is told by its own clock. */
  readonly now: () => Date
  /** What this process has handlers for: another one may have others. */
  readonly handled: () => HandledWork
}

/** What the work of `connectors.transaction` is given. */
export interface ConnectorsTransaction<P extends AnyProvider, T extends TenantId, Tx> {
  /** Your database client's own transaction handle. */
  readonly tx: Tx
  /** One tenant's verbs, bound to the transaction. */
  readonly tenant: (tenantId: T) => { readonly connections: TransactionalConnectionVerbs<P, T> }
}

/** The library, as its users and its driving sides see it. */
export interface Connectors<P extends AnyProvider = AnyProvider, T extends TenantId = TenantId, Tx = unknown>
  extends JobVerbs<P, T> {
  /** The verbs of one tenant. @throws {ConnectorsError} `INVALID_TENANT_ID`. */
  readonly forTenant: (tenantId: T) => TenantConnectors<P, T, Tx>
  /** The verbs across tenants, for admin, CLI, ticks and crons. */
  readonly operator: OperatorConnectors<P, T, Tx>
  readonly providers: {
    /** All registered providers, of one family if named. */
    readonly list: (filter?: { readonly family?: string }) => readonly P[]
    /** @throws {ConnectorsError} `UNKNOWN_PROVIDER`, naming those there are. */
    readonly get: (name: string) => P
    /**
     * What there is to connect to, as plain frozen JSON for user interfaces: families, providers, forms, resources,
     * webhooks. No secret is in it. A family that no provider belongs to has no entry.
     *
     * @throws {ConnectorsError} `INVALID_INPUT`; `INVALID_PROVIDER` when the metadata of a field is no JSON.
     */
    readonly catalog: (request?: CatalogRequest) => Catalog
  }
  readonly webhooks: {
    /**
     * Registers durable, retried work for an event type (`issues.opened`), a group (`issues.*`) or everything (`*`).
     * All handlers of one event run in order in one transaction. Answers a function that takes it back.
     */
    readonly handle: <Pattern extends WebhookPattern<P>>(
      pattern: Pattern,
      handler: WebhookHandler<P, Pattern, T, Tx>,
    ) => () => void
  }
  /**
   * Tells about things. A listener may fail; nothing depends on it. Answers a function that unsubscribes.
   *
   * @throws {ConnectorsError} `INVALID_INPUT` for a name that no event has.
   */
  readonly on: <Name extends EventName>(name: Name, listener: Listener<T, Name>) => () => void
  /**
   * Runs your own writes and ours in one transaction: all or nothing. Our events are held until the commit and dropped on
   * a rollback. `work` may run more than once (serialization failures); its database effects happen once.
   *
   * @throws {ConnectorsError} `INSIDE_TRANSACTION` when one is open already; `HANDLER_TIMEOUT`; and whatever `work` throws.
   */
  readonly transaction: <R>(work: (context: ConnectorsTransaction<P, T, Tx>) => Promise<R>) => Promise<R>
  /**
   * Loads the keys and checks that they open existing rows. Every first operation waits for it anyway, and tries anew if it
   * failed.
   *
   * @throws {ConnectorsError} `WRONG_KEY`; `STORE_UNAVAILABLE` when the database can't be reached: try again.
   */
  readonly ready: () => Promise<void>
  /**
   * Stops runs, waits for work under way, writes what is buffered, and closes. Later calls throw `CLOSED`.
   *
   * Waits as long as it takes, unless `timeoutMs` says otherwise: then it goes on after so many milliseconds, and logs
   * what it no longer waits for. Requests under way are cut off then (`CLOSED`) and leave no audit row; handlers may still
   * use your database client.
   *
   * @throws {ConnectorsError} `INSIDE_TRANSACTION`; `INVALID_INPUT` for a wrong `timeoutMs`.
   */
  readonly close: (options?: { readonly timeoutMs?: number }) => Promise<void>
  /**
   * Answers web requests to `{webhooks.path}/:connectionId` and `{webhooks.path}/:connectionId/:action` (the action is for you
   * to see in your logs); everything else is 404. A delivery is stored, answered, and then processed in this process; retries
   * are up to `operator.webhooks.processDue`. Never rejects. For Node's own requests there is `toNodeHandler` of `./http`.
   */
  readonly handler: (request: Request) => Promise<Response>
}
