import type { Json, JsonObject } from './json.ts'

/** How an application proves to the token endpoint who it is. The id and secret of `client_secret_basic` are form-encoded first. */
export type ClientAuthentication = 'client_secret_basic' | 'client_secret_post' | 'none'

/** Where an authorization server is: its two endpoints, or its issuer, whose metadata names them. Absolute URLs. */
export type OAuthServer =
  | {
      readonly authorizationUrl: string
      readonly tokenUrl: string
      /** What the server calls itself in `iss` (RFC 9207); an answer that names another is then refused. */
      readonly issuer?: string
    }
  | {
      /** Its metadata is looked up (OpenID Connect Discovery, else RFC 8414), and kept for a while. */
      readonly issuer: string
      readonly authorizationUrl?: undefined
      readonly tokenUrl?: undefined
    }

/** What a token endpoint answered. */
export interface OAuthTokens {
  readonly accessToken: string
  /** After a refresh the old one, where the answer has none; `null` = there is none. */
  readonly refreshToken: string | null
  /** When the access token stops working; `null` = not told, or in more than a hundred years. */
  readonly expiresAt: Date | null
  /** What was granted; `null` = not told, which means what was asked for. */
  readonly scopes: readonly string[] | null
  /** The claims of a valid ID token; `null` without one, where the issuer isn't known, and after a refresh. */
  readonly claims: JsonObject | null
  /** The whole answer. */
  readonly answer: JsonObject
}

/** Where credentials keep what the library has to know of them. */
export interface StoredTokens {
  /** `null` = nothing to refresh with, e.g. credentials that were typed into a form. */
  readonly refreshToken: string | null
  /** When the access token stops working; `null` = it doesn't, or nobody knows. */
  readonly expiresAt: Date | null
}

/** The account at the provider that credentials belong to. */
export interface OAuthAccount {
  /** As the provider answers it, never as the tenant said: what says whether two consents are for the same account. */
  readonly id: string
  /** For people; default: the provider's label. */
  readonly displayName?: string
}

/**
 * What the token endpoint of a provider does otherwise than RFC 6749 says. That an error comes with HTTP 200, an answer as a
 * form, a number as a text, or scopes with commas, is understood anyway.
 */
export interface TokenQuirks {
  /** The answer has no `token_type`. Default false: without one it is refused. */
  readonly lacksTokenType?: boolean
  /** Makes of the answer what it should have been, e.g. of tokens that stand deeper. Must not throw. */
  rewrite?(answer: JsonObject): { readonly [name: string]: Json }
}

/** What came back from a consent page, for a provider that proves it. */
export interface OAuthCallbackAnswer<Settings> {
  /** All parameters that the browser came back with, `state` among them. */
  readonly query: URLSearchParams
  readonly clientId: string
  /** `null` = the application has none. */
  readonly clientSecret: string | null
  /** Those that the connection is to have. */
  readonly settings: Settings
}

/** How accounts are connected on a consent page of the provider, as the core knows it. */
export interface OAuthSupport<Credentials, Settings, A> {
  /** Asked for where the options say nothing else. */
  readonly scopes: readonly string[]
  readonly scopeSeparator: string
  /** Whether PKCE (S256) is used. */
  readonly pkce: boolean
  readonly clientAuthentication: ClientAuthentication
  /** Further parameters of the consent page's URL. */
  readonly authorizeParameters: Readonly<Record<string, string>>
  /** Further parameters of every token request. */
  readonly tokenParameters: Readonly<Record<string, string>>
  readonly quirks: TokenQuirks
  /** Settings that only the owner of the application decides. */
  readonly fixedSettings: readonly string[]
  /** Where the authorization server of a connection with these settings is. */
  server(settings: Settings): OAuthServer
  /** Whether the provider made what came back from its consent page; true where it signs nothing. */
  checkCallback(answer: OAuthCallbackAnswer<Settings>): boolean
  /** The credentials to store for some tokens; `previous` is `null` when an account is connected. */
  credentials(tokens: OAuthTokens, previous: Credentials | null): unknown
  /** Finds the tokens in stored credentials again. */
  tokens(credentials: Credentials): StoredTokens
  /** Whose the credentials are. */
  account(adapter: A, tokens: OAuthTokens): Promise<OAuthAccount>
}

/** How accounts are connected on a consent page of the provider, as the writer of a provider declares it. */
export interface OAuthDefinition<CredentialsInput, Credentials, Settings, A> {
  /**
   * Where the authorization server is. The secret of the application is sent there, so what is made of settings must not
   * lead anywhere else than to the provider: name such settings in `fixedSettings`, or allow only the provider's own hosts.
   */
  readonly server: OAuthServer | ((settings: Settings) => OAuthServer)
  /** Asked for where the options say nothing else. Default: none. */
  readonly scopes?: readonly string[]
  /** Between scopes; default a space. */
  readonly scopeSeparator?: string
  /** Whether PKCE (S256) is used; default true. */
  readonly pkce?: boolean
  /** Default `client_secret_basic`. */
  readonly clientAuthentication?: ClientAuthentication
  /** Further parameters of the consent page's URL, e.g. `{ access_type: 'offline' }`. */
  readonly authorizeParameters?: Readonly<Record<string, string>>
  /** Further parameters of every token request. */
  readonly tokenParameters?: Readonly<Record<string, string>>
  readonly quirks?: TokenQuirks
  /** Settings that a tenant can't choose: the application's (`oauth.apps.<provider>.settings`) count, else their defaults. */
  readonly fixedSettings?: readonly string[]
  /**
   * Whether what came back from the consent page is what the provider made, for providers that sign it. `false` = the code
   * is not used. It is asked after the state has been found to be genuine. Default: nothing more is checked. Must not throw.
   */
  checkCallback?(answer: OAuthCallbackAnswer<Settings>): boolean
  /**
   * The credentials to store for some tokens. They have to hold the refresh token and the expiry, so that `tokens` finds them.
   *
   * @param previous - what is stored at the moment, when tokens are refreshed; `null` when an account is connected.
   */
  credentials(tokens: OAuthTokens, previous: Credentials | null): CredentialsInput
  /** Finds them again. `refreshToken: null` for credentials that were not got by OAuth. */
  tokens(credentials: Credentials): StoredTokens
  /** Asks the provider whose the credentials are, or takes it from the answer of the token endpoint. */
  account(adapter: A, tokens: OAuthTokens): Promise<OAuthAccount>
}
