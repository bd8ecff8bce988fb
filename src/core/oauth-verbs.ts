import type { z } from 'zod'
import type { ConnectionView } from './domain/connection.ts'
import type { AnyConnectorsError } from './domain/errors.ts'
import type { AnyProvider } from './domain/provider.ts'
import type { TenantId } from './domain/tenant.ts'

/** Whose account is to be connected, and where to go afterwards. */
export interface AuthorizeRequest<P extends AnyProvider> {
  readonly provider: P
  /** Who asks, in your own words, e.g. the id of the user: comes back with the outcome. At most 200 characters. */
  readonly actor: string
  /** Reconnects this connection: only the same account is accepted, and its id and settings stay. */
  readonly connectionId?: string
  /** Settings of the new connection, those needed to find the consent page among them. */
  readonly settings?: Partial<z.input<P['settings']>>
  /** Of the new connection; default: what the account is called, else the provider's label. */
  readonly displayName?: string
  /** Asked for instead of the application's or the provider's. */
  readonly scopes?: readonly string[]
  /**
   * Where the provider sends the browser back to, exactly as it is registered there. Default: the handler's own route below
   * `oauth.baseUrl`. With one of your own, call `oauth.callback` there.
   */
  readonly redirectUri?: string
  /**
   * Where the browser goes in the end: a path, or a URL of the redirect URI's origin or of one in `oauth.returnToOrigins`. Gets
   * the parameters `oauth` (`connected` or `refused`), `connection` and `reason`. Default: a page of plain text.
   */
  readonly returnTo?: string
  /**
   * Accepts the consent from another browser than the one that gets the cookie, e.g. for a link in a mail. Whoever has the
   * link can then connect an account of his to the tenant, and be led to by others: send it only to whom you trust.
   * Default false.
   */
  readonly anyBrowser?: boolean
}

/** Where to send the browser. */
export interface Authorization {
  /** The consent page. */
  readonly url: string
  /** The value of a `Set-Cookie` header that has to go along; `null` with `anyBrowser`. */
  readonly cookie: string | null
  /** Not accepted from then on. */
  readonly expiresAt: Date
  /** A redirect (303) to the consent page with the cookie. */
  readonly toResponse: () => Response
}

/** What the browser came back with. */
export interface OAuthReturn {
  /** The provider that the address belongs to, by `name` or `family.name`. */
  readonly provider: string
  /** The whole URL that was asked for. */
  readonly url: string
  /** The `Cookie` header; `null` = none. */
  readonly cookie: string | null
  /** Who is signed in, where you know: a consent that somebody else asked for is then refused. */
  readonly actor?: string
}

/**
 * Why an account was not connected.
 *
 * - `unknownState`: it was not begun here, or is used already, or took longer than ten minutes.
 * - `otherBrowser`, `otherTenant`, `otherActor`: it was begun somewhere else than it ends.
 * - `denied`: the person said no.
 * - `otherIssuer`: another authorization server answered.
 * - `otherAccount`: a reconnect with another account than the connection's.
 * - `failed`: see `error`.
 */
export type OAuthRefusal =
  | 'unknownState'
  | 'otherBrowser'
  | 'otherTenant'
  | 'otherActor'
  | 'denied'
  | 'otherIssuer'
  | 'otherAccount'
  | 'failed'

/** How it ended. Where it was refused, nothing was stored. */
export type OAuthOutcome<T extends TenantId = TenantId> = {
  /** A redirect (303) to `returnTo`, or a page of plain text; takes the cookie back. */
  readonly toResponse: () => Response
} & (
  | {
      readonly status: 'connected'
      /** As it is after its test. */
      readonly connection: ConnectionView<T>
      readonly isNew: boolean
      /** Who asked for it. */
      readonly actor: string
    }
  | {
      readonly status: 'refused'
      readonly reason: OAuthRefusal
      /** For people. */
      readonly message: string
      /** What went wrong, with `failed` and `otherIssuer`. */
      readonly error: AnyConnectorsError | null
    }
)

/** The verbs on consent pages. */
export interface OAuthVerbs<P extends AnyProvider, T extends TenantId> {
  /**
   * Begins to connect an account on the provider's consent page: send the browser there, with the cookie, within ten minutes.
   *
   * @throws {ConnectorsError} `OAUTH_UNSUPPORTED`; `INVALID_SETTINGS`; `CONNECTION_EXISTS` where the provider allows one
   *   connection and there is one; `CONNECTION_NOT_FOUND`; `INVALID_INPUT` for a wrong address or field;
   *   `PROVIDER_UNAVAILABLE` when the server's metadata can't be had.
   */
  authorize<Q extends P>(request: AuthorizeRequest<Q>): Promise<Authorization>
  /**
   * Ends it, when the browser comes back. `connectors.handler` calls this; call it yourself only at a redirect URI of your own,
   * of the tenant that is signed in there.
   *
   * @throws {ConnectorsError} `UNKNOWN_PROVIDER`, `INVALID_INPUT`, `STORE_UNAVAILABLE`.
   */
  callback(returned: OAuthReturn): Promise<OAuthOutcome<T>>
}

/** The verbs on consent pages across tenants. */
export interface OperatorOAuthVerbs<T extends TenantId> {
  /** The same for whichever tenant began it. */
  callback(returned: OAuthReturn): Promise<OAuthOutcome<T>>
  /** Removes what was begun and never ended, of all tenants. Call it once a day. */
  prune(): Promise<{ readonly removedCount: number }>
}
