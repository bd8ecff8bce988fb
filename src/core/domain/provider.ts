import type { z } from 'zod'
import type { HttpRequest, HttpResponse } from '../ports/http-transport.ts'
import type { FamilyPresentation } from './catalog.ts'
import type { Json } from './json.ts'
import type { OAuthSupport } from './oauth.ts'
import type { SignatureScheme } from './signature.ts'

/**
 * A method of an adapter: an async function or an async generator, so that every call passes the gate,
 * the breaker and the audit log.
 */
export type AdapterMethod = (...args: never[]) => Promise<unknown> | AsyncGenerator<unknown, unknown, unknown>

/** The live object that a provider builds for one connection; the only thing that talks to the third party. */
export interface Adapter {
  readonly [method: string]: AdapterMethod
}

/** A request of an adapter, as it hands it to {@link AdapterContext.send}. */
export type AdapterRequest = Omit<HttpRequest, 'timeoutMs' | 'signal'> & {
  /** 1 for the first try, 2 for the first retry, … */
  readonly attempt: number
  /** Milliseconds for the whole exchange; default: the option `http.timeoutMs`. Waiting for its turn doesn't count. */
  readonly timeoutMs?: number
  /**
   * When the whole of it has to be over: its turn under the provider's rate limit is refused if it comes later, and
   * `timeoutMs` is cut.
   */
  readonly deadlineAt?: Date
  readonly signal?: AbortSignal
}

/** What a provider is given to build an adapter for one connection. */
export interface AdapterContext<Credentials, Settings> {
  readonly credentials: Credentials
  readonly settings: Settings
  /** Sends one request to the third party. Every call becomes a row of the audit log. */
  readonly send: (request: AdapterRequest) => Promise<HttpResponse>
  /** The current instant. */
  readonly now: () => Date
  /** Waits, e.g. between retries; rejects with `ABORTED` when the operation is aborted, or the signal fires. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>
  /** A number from 0 to 1, for jitter. */
  readonly fraction: () => number
  /** Takes every secret of the connection out of a text: credentials, secret settings, webhook secrets, however spelled. */
  readonly redact: (text: string) => string
  /** Puts a failure that harms nothing into the log, as a warning without the connection's secrets. */
  readonly report: (error: unknown, message: string) => void
}

/** Where to fetch from. */
export interface FetchRequest {
  /** The cursor exactly as the last fetch returned it; `null` = from the beginning. */
  readonly cursor: Json
  readonly signal: AbortSignal
}

/** One page of a resource. */
export interface FetchedPage<Item> {
  readonly items: readonly Item[]
  /**
   * Where to go on: any JSON value, saved exactly as returned.
   * With `hasMore: false` it is where the next run starts; `null` then means from the beginning.
   */
  readonly cursor: Json
  /** Whether another page can be had right now. */
  readonly hasMore: boolean
}

/** Something an adapter can page through. */
export interface Resource<A, Item> {
  /** For people; default: made from the name. */
  readonly label?: string
  /** Whether a finished run ends with a cursor from which the next run picks up only what is new. */
  readonly incremental: boolean
  /** Fetches the page at a cursor. */
  fetch(adapter: A, request: FetchRequest): Promise<FetchedPage<Item>>
}

/** A delivery as the provider sent it. */
export interface WebhookDelivery {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly rawBody: Uint8Array
}

/** A request to the address of a webhook, before anybody knows whether it is a delivery. */
export interface ChallengeRequest extends WebhookDelivery {
  readonly method: 'GET' | 'POST'
  /** The parameters of the URL, decoded; of several with one name the last. */
  readonly query: Readonly<Record<string, string>>
  /** The webhook secrets of the connection that are live. */
  readonly secrets: readonly string[]
  /** Whether the signature is right. A GET has none. */
  readonly isSigned: boolean
}

/** What a service wants to hear that only asks whether somebody is there. */
export interface ChallengeAnswer {
  /** HTTP status; default 200. */
  readonly status?: number
  /** Default: plain text. Never HTML: what is in it may come from anybody. */
  readonly contentType?: string
  readonly body: string
}

/** The least that a parsed webhook event has. */
export interface ParsedWebhookEvent {
  /** Normalised type, e.g. `issues.opened`. */
  readonly type: string
}

/**
 * Where the id of a delivery stands. In a header it counts by itself only if the signature covers that header (`isSigned`);
 * a member of the JSON body is signed with it. It must be the same in every attempt to deliver one event, and in no other.
 * `each`: there is no id, and different events come word for word alike ("look again"), so that no delivery is taken for a
 * repetition of another.
 */
export type DeliveryIdSource =
  | { readonly header: string; readonly isSigned: boolean }
  | { readonly body: string }
  | { readonly each: true }

/** How a provider's webhooks are verified, told apart and read. */
export interface WebhookSupport<Event extends ParsedWebhookEvent> {
  readonly signature: SignatureScheme
  /** Where the provider's id of a delivery stands; `null` if it gives none: equal bodies are then one. */
  readonly deliveryId: DeliveryIdSource | null
  /**
   * The types there are, for people who choose among them; others may come. Default: not told. Just text: were it bound to
   * the type of the events, TypeScript could infer nothing of a definition that reads them in place.
   */
  readonly eventTypes?: readonly string[]
  /** The normalised type of a delivery. `payload` is the parsed body, or `undefined` if it isn't JSON. Must not throw. */
  eventType(headers: Readonly<Record<string, string>>, payload: Json | undefined): string
  /**
   * What to answer to a request that only asks whether somebody is there, e.g. when a webhook is made; `null` for all others.
   * Nothing is stored then, and anybody gets the answer unless `isSigned` is asked for. Must not throw.
   */
  challenge?(request: ChallengeRequest): string | ChallengeAnswer | null
  /**
   * Takes a delivery of several events apart: the body of each, as a delivery of its own, byte by byte where that can be had
   * (`arrayElements` of the kit). Each is stored, told apart and processed by itself. Without any, the delivery is stored as
   * one. Default: it is one. Must not throw.
   */
  split?(delivery: WebhookDelivery): readonly Uint8Array[]
  /**
   * What a delivery is about, e.g. an order: with `webhooks.keepOrder` deliveries about one thing are processed one after the
   * other. `null` where order is of no account. Must not throw.
   */
  orderKey?(headers: Readonly<Record<string, string>>, payload: Json | undefined): string | null
  /**
   * The accounts at the provider that a delivery is about, as connections know them (`externalAccountId`): of a delivery that
   * comes to the address of an app, and of each event in it, where `split` finds several. Takes nothing from what the
   * signature leaves out, unless the service says it nowhere else. Default: there is no such address. Must not throw.
   */
  accounts?(delivery: WebhookDelivery): readonly string[]
  /** Reads the raw bytes. Throws if they aren't what the provider documents. */
  parse(delivery: WebhookDelivery): Event
}

/** What a provider has registered for a URL. */
export interface WebhookSubscription {
  readonly id: string
  readonly url: string
  /** In the provider's own words. */
  readonly events: readonly string[]
  /** Whether it delivers: some providers turn off what failed too often. */
  readonly isActive: boolean
}

/** What is to be registered. */
export interface SubscriptionRequest {
  readonly url: string
  /** Types of events, groups of them (`issues.*`), or `*`. */
  readonly events: readonly string[]
  /** What to sign with, where the secret is `given`. */
  readonly secret: string | null
  /**
   * The client secret of the application of `oauth.apps`, for providers that sign with it the webhooks of connections that came
   * by a consent page; `null` if there is none.
   */
  readonly appSecret: string | null
  /** The subscriptions whose secrets are kept, where they are `told`: any other one's deliveries can't be verified. */
  readonly known: readonly string[]
  /** For providers that know such keys; another one at each call. */
  readonly idempotencyKey: string
}

/** How webhooks are registered at the provider. All of it is called through the one door, like methods of the adapter. */
export interface WebhookSubscriptions<A> {
  /** `given`: the provider takes a secret. `told`: it makes one for each subscription, and tells it once. */
  readonly secret: 'given' | 'told'
  /** What is registered for a URL, and nothing else. */
  list(adapter: A, url: string): Promise<readonly WebhookSubscription[]>
  /**
   * Has the provider deliver these events to the URL: changes what is registered for it, or makes what is missing, and answers
   * that. What was registered before and isn't in the answer is ended by `remove` later, when the secrets are kept. If it is
   * interrupted and called again the outcome is the same.
   *
   * @throws {ConnectorsError} `INVALID_INPUT` for events that the provider doesn't deliver.
   */
  put(
    adapter: A,
    request: SubscriptionRequest,
  ): Promise<readonly (WebhookSubscription & { readonly secret?: string })[]>
  /** Ends a subscription. */
  remove(adapter: A, id: string): Promise<void>
}

/** How often a provider may be asked by one connection: a token bucket. */
export interface RateLimit {
  /** Requests that become free per second; fractions are fine. */
  readonly requestsPerSecond: number
  /** Requests that may be made at once after a quiet time; at least 1. */
  readonly burst: number
}

/** One of the values that a field may have, as the third party tells it. */
export interface Choice {
  readonly value: string | number | boolean
  /** For people. */
  readonly label: string
}

/** What the loading of choices is given. */
export interface ChoicesRequest {
  /** Fires when nobody waits for them any more. */
  readonly signal: AbortSignal
}

/** The names of the fields of an object, whichever of its alternatives they belong to. */
export type FieldName<Values> = Values extends object
  ? string extends keyof Values
    ? never
    : keyof Values & string
  : never

/**
 * A third-party service as the core knows it. Made by `defineProvider` of the provider kit.
 *
 * The functions are declared as methods, so that a provider with precise types fits where any provider is asked for.
 */
export interface Provider<
  Family extends string = string,
  Name extends string = string,
  Credentials extends z.ZodType = z.ZodType,
  Settings extends z.ZodType = z.ZodType,
  A extends Adapter = Adapter,
  Items extends object = object,
  Event extends ParsedWebhookEvent = ParsedWebhookEvent,
> {
  /** Group with a common contract, e.g. `code`: lower-case letters, digits and dashes. */
  readonly family: Family
  /** Lower-case letters, digits and dashes; unique within the family. */
  readonly name: Name
  /** How its family is shown where nobody says otherwise; `null` = not told. */
  readonly familyPresentation: FamilyPresentation | null
  /** For people. */
  readonly label: string
  /** Of the provider's code, e.g. `1.2.0`. */
  readonly version: string | null
  /** A sentence for people who choose among providers. */
  readonly description: string | null
  /** Where the credentials and settings are explained. */
  readonly docsUrl: string | null
  /** URL of a picture, or a name that your own user interface knows. */
  readonly icon: string | null
  /** Whether a tenant may have several connections to it. */
  readonly allowMultiple: boolean
  readonly credentials: Credentials
  readonly settings: Settings
  /** How often one connection may ask; `null` = as often as it likes. */
  readonly rateLimit: RateLimit | null
  /** The names of the adapter's methods; `null` where they show only once there are credentials. */
  readonly methods: readonly string[] | null
  /** The fields of credentials and settings whose values the third party tells, see `loadChoices`. */
  readonly choiceFields: readonly string[]
  /** The resources, by name; `Items` maps each name to the type of its items. */
  readonly resources: { readonly [R in keyof Items]: Resource<A, Items[R]> }
  readonly webhooks: WebhookSupport<Event> | null
  /** How webhooks are registered by the provider's API; `null` = by hand. */
  readonly subscriptions: WebhookSubscriptions<A> | null
  /** How accounts are connected on a consent page; `null` = credentials are typed in. */
  readonly oauth: OAuthSupport<z.output<Credentials>, z.output<Settings>, A> | null
  /** Makes the adapter of one connection. No I/O. */
  build(context: AdapterContext<z.output<Credentials>, z.output<Settings>>): A
  /** Makes the cheapest call that proves the credentials; throws what that call throws. */
  test(adapter: A): Promise<void>
  /** The values that a field of `choiceFields` may have. @throws {ConnectorsError} `INVALID_INPUT` for another field. */
  loadChoices(adapter: A, field: string, request: ChoicesRequest): Promise<readonly Choice[]>
}

/** Any provider at all. */
export type AnyProvider = Provider

/** The adapter that a provider builds. */
export type AdapterOf<P extends AnyProvider> =
  P extends Provider<string, string, z.ZodType, z.ZodType, infer A> ? A : never

/** The resource names of a provider, or of several. */
export type ResourceOf<P extends AnyProvider> = P extends AnyProvider ? keyof P['resources'] & string : never

/** The fields of a provider's credentials and settings, any name where its types aren't known. Not all of them have choices. */
export type FieldOf<P extends AnyProvider> = P extends AnyProvider
  ? InputName<z.input<P['credentials']>> | InputName<z.input<P['settings']>>
  : never

type InputName<Input> = unknown extends Input ? string : FieldName<Input>

/** The items of a provider's resource; of those providers that have it, where several are named. */
export type ItemOf<P extends AnyProvider, R extends ResourceOf<P>> = P extends AnyProvider
  ? R extends keyof P['resources']
    ? P['resources'][R] extends Resource<never, infer Item>
      ? Item
      : never
    : never
  : never

/** The parsed webhook events of a provider. */
export type WebhookEventOf<P extends AnyProvider> = P['webhooks'] extends WebhookSupport<infer Event> | null
  ? Event
  : never
