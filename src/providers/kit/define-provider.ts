import { z } from 'zod'
import type { FamilyPresentation } from '../../core/domain/catalog.ts'
import { ConnectorsError } from '../../core/domain/errors.ts'
import type { OAuthDefinition } from '../../core/domain/oauth.ts'
import type {
  AdapterMethod,
  Choice,
  ChoicesRequest,
  FieldName,
  ParsedWebhookEvent,
  Provider,
  RateLimit,
  Resource,
  WebhookSubscriptions,
  WebhookSupport,
} from '../../core/domain/provider.ts'
import type { AuthStrategy } from './auth-strategy.ts'
import { checkAdapter } from './check-adapter.ts'
import { checkDefinition } from './check-definition.ts'
import type { HttpBehaviour, HttpClient } from './http-client.ts'
import { createHttpClient } from './http-client.ts'
import { invalidProvider } from './invalid-provider.ts'
import { oauthSupport } from './oauth-support.ts'
import { tryAdapter } from './try-adapter.ts'

/** How a provider is reached and how it answers. */
export interface ProviderHttp<Credentials, Settings> extends HttpBehaviour {
  /** Absolute URL; its path is kept in front of every path the adapter asks for. */
  baseUrl(settings: Settings, credentials: Credentials): string
  /** How requests prove who is asking: an auth strategy of the kit, e.g. `bearer`. */
  auth(credentials: Credentials, settings: Settings): AuthStrategy
}

/** What `adapter` is given. */
export interface AdapterParts<Credentials, Settings> {
  /** The client for everything that goes to the provider. */
  readonly http: HttpClient
  /**
   * A client for another address of the provider's, e.g. the one for uploads, that proves in the same way who is asking. Never
   * for an address that a tenant or an answer named: the credentials are sent there.
   */
  readonly httpAt: (baseUrl: string) => HttpClient
  readonly credentials: Credentials
  readonly settings: Settings
  /** The current instant. */
  readonly now: () => Date
}

/**
 * The methods of an adapter. As a constraint it refers to what it constrains: with the plain `Adapter`, TypeScript loses
 * the inferred methods as soon as a resource's `fetch` is a function declared elsewhere.
 */
export type AdapterMethods<A> = { readonly [Method in keyof A]: AdapterMethod }

/** What the writer of a provider declares. All types are inferred from it. */
export interface ProviderDefinition<
  Family extends string,
  Name extends string,
  Credentials extends z.ZodType,
  Settings extends z.ZodType,
  A extends AdapterMethods<A>,
  Items extends object,
  Event extends ParsedWebhookEvent,
  Implemented extends string,
> {
  /** Group with a common contract, e.g. `code`: lower-case letters, digits and dashes, beginning with a letter. */
  readonly family: Family
  /** Lower-case letters, digits and dashes, beginning with a letter; unique within the family. */
  readonly name: Name
  /** How the family is shown in the catalog, where no option says otherwise, e.g. `shopFamily`. The first provider decides. */
  readonly familyPresentation?: FamilyPresentation
  /** For people. */
  readonly label: string
  /** Of the provider's code, e.g. `1.2.0`: the provider contract wants three numbers. */
  readonly version?: string
  /** A sentence for people who choose among providers. */
  readonly description?: string
  /** Where the credentials and settings are explained: an absolute URL. */
  readonly docsUrl?: string
  /** URL of a picture, or a name that your own user interface knows. */
  readonly icon?: string
  /** Whether a tenant may have several connections to it; default false. */
  readonly allowMultiple?: boolean
  /** Describe its fields with `field`. All of them are sealed. */
  readonly credentials: Credentials
  /** Describe its fields with `field`; those declared secret are sealed. Default: none; any setting is then a mistake. */
  readonly settings?: Settings
  /**
   * How often one connection may ask, all its adapters in the process together. `burst` requests may be made at once
   * after a quiet time; default: one second's worth, at least 1. Default: no limit.
   */
  readonly rateLimit?: { readonly requestsPerSecond: number; readonly burst?: number }
  /**
   * The methods that the adapter has to have, e.g. those that a family's contract names (`shopMethods`). One that lacks
   * is refused here, not when it is called.
   */
  readonly implements?: readonly Implemented[]
  readonly http: ProviderHttp<z.output<NoInfer<Credentials>>, z.output<NoInfer<Settings>>>
  /** Makes the adapter of one connection: a plain object of async methods and async generators. No I/O. */
  adapter(parts: AdapterParts<z.output<NoInfer<Credentials>>, z.output<NoInfer<Settings>>>): A & {
    readonly [Method in NoInfer<Implemented>]: AdapterMethod
  }
  /** The cheapest call that proves the credentials. */
  test(adapter: NoInfer<A>): Promise<unknown>
  /** What can be paged through, by name. */
  readonly resources?: { readonly [R in keyof Items]: Resource<NoInfer<A>, Items[R]> }
  /**
   * For fields of credentials or settings whose values the third party knows: how to ask it for them. A form needs them
   * after the connection was made, so such a setting has to be optional, or have a default.
   */
  readonly choices?: {
    readonly [Name in FieldName<z.input<NoInfer<Credentials>>> | FieldName<z.input<NoInfer<Settings>>>]?: (
      adapter: NoInfer<A>,
      request: ChoicesRequest,
    ) => Promise<readonly Choice[]>
  }
  readonly webhooks?: WebhookSupport<Event>
  /** How webhooks are registered by the provider's API, for `webhooks.register`. Default: by hand. */
  readonly subscriptions?: WebhookSubscriptions<NoInfer<A>>
  /** How accounts are connected on a consent page of the provider, for `oauth.authorize`. Default: they aren't. */
  readonly oauth?: OAuthDefinition<
    z.input<NoInfer<Credentials>>,
    z.output<NoInfer<Credentials>>,
    z.output<NoInfer<Settings>>,
    NoInfer<A>
  >
}

/**
 * Turns a definition into a provider, with every type inferred.
 *
 * @example
 * const acme = defineProvider({
 *   family: 'shop',
 *   name: 'acme',
 *   label: 'Acme',
 *   credentials: z.object({ apiKey: z.string() }),
 *   http: { baseUrl: () => 'https://api.acme.example/v1', auth: ({ apiKey }) => bearer(apiKey) },
 *   adapter: ({ http }) => ({
 *     async getOrder(id: string) {
 *       return (await http.get(`/orders/${encodeURIComponent(id)}`)).read(orderSchema)
 *     },
 *   }),
 *   test: (adapter) => adapter.getOrder('1'),
 * })
 *
 * @throws {ConnectorsError} `INVALID_PROVIDER`, naming the mistake. The adapter itself is checked when it is built.
 */
export function defineProvider<
  const Family extends string,
  const Name extends string,
  Credentials extends z.ZodType,
  A extends AdapterMethods<A>,
  Settings extends z.ZodType = z.ZodObject<Record<never, never>, z.core.$strict>,
  // biome-ignore lint/complexity/noBannedTypes: no resources, so no names
  Items extends object = {},
  Event extends ParsedWebhookEvent = never,
  const Implemented extends string = never,
>(
  definition: ProviderDefinition<Family, Name, Credentials, Settings, A, Items, Event, Implemented>,
): Provider<Family, Name, Credentials, Settings, { readonly [Method in keyof A]: A[Method] }, Items, Event> {
  checkDefinition(definition)
  const { family, name, label, credentials, http } = definition
  const who = `Provider ${family}/${name}`
  // The default of the type parameter: whoever leaves settings out gets the schema that it stands for.
  const settings = definition.settings ?? (z.strictObject({}) as z.ZodType as Settings)
  // Likewise: without resources, `Items` is `{}`.
  const resources = definition.resources ?? ({} as { readonly [R in keyof Items]: Resource<A, Items[R]> })
  const choices: Readonly<Record<string, Load<A> | undefined>> = definition.choices ?? {}
  const checked = (adapter: A) => {
    checkAdapter(who, adapter, definition.implements ?? [])
    return adapter
  }
  // Mistakes are told where they are made, and not to the first tenant.
  const trial = tryAdapter(definition.adapter)
  if (trial !== null) checked(trial.adapter)
  else if (definition.implements !== undefined) {
    throw invalidProvider(
      who,
      '`adapter` reads its credentials or settings while it is made, so that `implements` can not be checked. Read them inside the methods',
    )
  }
  return {
    family,
    name,
    familyPresentation: definition.familyPresentation ?? null,
    label,
    version: definition.version ?? null,
    description: definition.description ?? null,
    docsUrl: definition.docsUrl ?? null,
    icon: definition.icon ?? null,
    allowMultiple: definition.allowMultiple ?? false,
    credentials,
    settings,
    rateLimit: toRateLimit(definition.rateLimit),
    methods: trial === null ? null : Object.keys(trial.adapter),
    choiceFields: Object.keys(choices),
    resources,
    webhooks: definition.webhooks ?? null,
    subscriptions: definition.subscriptions ?? null,
    oauth: definition.oauth === undefined ? null : oauthSupport(definition.oauth),
    build(context) {
      const auth = http.auth(context.credentials, context.settings)
      const httpAt = (baseUrl: string) => createHttpClient({ ...http, context, baseUrl, auth })
      const client = httpAt(http.baseUrl(context.settings, context.credentials))
      const { credentials: opened, settings: current, now } = context
      return checked(definition.adapter({ http: client, httpAt, credentials: opened, settings: current, now }))
    },
    async test(adapter) {
      await definition.test(adapter)
    },
    async loadChoices(adapter, field, request) {
      const load = Object.hasOwn(choices, field) ? choices[field] : undefined
      if (load === undefined) throw new ConnectorsError('INVALID_INPUT', `${label} tells no choices for ${field}.`)
      return load(adapter, request)
    },
  }
}

type Load<A> = (adapter: A, request: ChoicesRequest) => Promise<readonly Choice[]>

function toRateLimit(declared: { readonly requestsPerSecond: number; readonly burst?: number } | undefined) {
  if (declared === undefined) return null
  const { requestsPerSecond, burst = Math.max(1, Math.ceil(requestsPerSecond)) } = declared
  return { requestsPerSecond, burst } satisfies RateLimit
}
