import { z } from 'zod'
import { ConnectorsError } from '../../core/domain/errors.ts'
import type {
  AdapterMethod,
  ParsedWebhookEvent,
  Provider,
  Resource,
  WebhookSupport,
} from '../../core/domain/provider.ts'
import type { AuthStrategy } from './auth-strategy.ts'
import { checkAdapter } from './check-adapter.ts'
import type { HttpClient } from './http-client.ts'
import { createHttpClient } from './http-client.ts'
import type { StatusRules } from './status-error.ts'

/** How a provider is reached and how it answers. */
export interface ProviderHttp<Credentials, Settings> {
  /** Absolute URL; its path is kept in front of every path the adapter asks for. */
  baseUrl(settings: Settings, credentials: Credentials): string
  /** How requests prove who is asking: `bearer`, `basic`, `header` or `none`. */
  auth(credentials: Credentials): AuthStrategy
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>
  /** How statuses differ from the usual: 401 authentication, 403 permission, 429 rate limit, other 4xx rejected, 5xx unavailable. */
  readonly errors?: StatusRules
  /** How often a request is tried again at most; default 2. */
  readonly retries?: number
}

/** What `adapter` is given. */
export interface AdapterParts<Credentials, Settings> {
  /** The client for everything that goes to the provider. */
  readonly http: HttpClient
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
> {
  /** Group with a common contract, e.g. `code`: lower-case letters, digits and dashes, beginning with a letter. */
  readonly family: Family
  /** Lower-case letters, digits and dashes, beginning with a letter; unique within the family. */
  readonly name: Name
  /** For people. */
  readonly label: string
  /** Whether a tenant may have several connections to it; default false. */
  readonly allowMultiple?: boolean
  readonly credentials: Credentials
  /** Default: none at all; an unknown setting is then a mistake. */
  readonly settings?: Settings
  readonly http: ProviderHttp<z.output<NoInfer<Credentials>>, z.output<NoInfer<Settings>>>
  /** Makes the adapter of one connection: a plain object of async methods and async generators. No I/O. */
  adapter(parts: AdapterParts<z.output<NoInfer<Credentials>>, z.output<NoInfer<Settings>>>): A
  /** The cheapest call that proves the credentials. */
  test(adapter: NoInfer<A>): Promise<unknown>
  /** What can be paged through, by name. */
  readonly resources?: { readonly [R in keyof Items]: Resource<NoInfer<A>, Items[R]> }
  readonly webhooks?: WebhookSupport<Event>
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
>(
  definition: ProviderDefinition<Family, Name, Credentials, Settings, A, Items, Event>,
): Provider<Family, Name, Credentials, Settings, { readonly [Method in keyof A]: A[Method] }, Items, Event> {
  checkDefinition(definition)
  const { family, name, label, credentials, http } = definition
  // The default of the type parameter: whoever leaves settings out gets the schema that it stands for.
  const settings = definition.settings ?? (z.strictObject({}) as z.ZodType as Settings)
  // Likewise: without resources, `Items` is `{}`.
  const resources = definition.resources ?? ({} as { readonly [R in keyof Items]: Resource<A, Items[R]> })
  return {
    family,
    name,
    label,
    allowMultiple: definition.allowMultiple ?? false,
    credentials,
    settings,
    resources,
    webhooks: definition.webhooks ?? null,
    build(context) {
      const client = createHttpClient({
        context,
        baseUrl: http.baseUrl(context.settings, context.credentials),
        auth: http.auth(context.credentials),
        ...(http.headers !== undefined && { headers: http.headers }),
        ...(http.errors !== undefined && { errors: http.errors }),
        ...(http.retries !== undefined && { retries: http.retries }),
      })
      const { credentials: opened, settings: current, now } = context
      const adapter = definition.adapter({ http: client, credentials: opened, settings: current, now })
      checkAdapter(`${family}/${name}`, adapter)
      return adapter
    },
    async test(adapter) {
      await definition.test(adapter)
    },
  }
}

const namePattern = /^[a-z][a-z0-9-]{0,62}$/
const resourcePattern = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/

// Checked at run time too: definitions are also written in JavaScript, and types don't see the pattern of a name.
function checkDefinition(definition: unknown): void {
  if (!isRecord(definition)) throw invalid('A provider', 'the definition must be an object')
  const { family, name, label, credentials, settings, http, adapter, test, resources = {}, webhooks } = definition
  for (const [field, value] of Object.entries({ family, name })) {
    if (typeof value !== 'string' || !namePattern.test(value)) {
      throw invalid(
        `Provider ${String(name)}`,
        `\`${field}\` must be 1 to 63 lower-case letters, digits and dashes, beginning with a letter; got ${JSON.stringify(value)}`,
      )
    }
  }
  const who = `Provider ${String(family)}/${String(name)}`
  if (typeof label !== 'string' || label.trim() === '') throw invalid(who, '`label` must be a text for people')
  if (!isSchema(credentials)) throw invalid(who, '`credentials` must be a zod 4 schema')
  if (settings !== undefined && !isSchema(settings)) throw invalid(who, '`settings` must be a zod 4 schema')
  if (!isRecord(http) || typeof http.baseUrl !== 'function' || typeof http.auth !== 'function') {
    throw invalid(who, '`http` must have the functions `baseUrl` and `auth`')
  }
  if (typeof adapter !== 'function') throw invalid(who, '`adapter` must be a function that makes the adapter')
  if (typeof test !== 'function') throw invalid(who, '`test` must be a function that makes the cheapest call')
  if (!isRecord(resources)) throw invalid(who, '`resources` must be an object')
  for (const [key, value] of Object.entries(resources)) {
    if (!resourcePattern.test(key)) {
      throw invalid(who, `the resource name ${JSON.stringify(key)} must be letters, digits, dashes and underscores`)
    }
    if (!isRecord(value) || typeof value.fetch !== 'function' || typeof value.incremental !== 'boolean') {
      throw invalid(who, `resource \`${key}\` must have a boolean \`incremental\` and a function \`fetch\``)
    }
  }
  if (webhooks !== undefined) checkWebhooks(who, webhooks)
}

function checkWebhooks(who: string, webhooks: unknown): void {
  if (!isRecord(webhooks) || typeof webhooks.eventType !== 'function' || typeof webhooks.parse !== 'function') {
    throw invalid(who, '`webhooks` must have the functions `eventType` and `parse`')
  }
  const { signature, deliveryId } = webhooks
  if (!isRecord(signature) || typeof signature.header !== 'string' || signature.header === '') {
    throw invalid(who, '`webhooks.signature` must name the header that carries the signature')
  }
  if (deliveryId !== null && (!isRecord(deliveryId) || typeof deliveryId.header !== 'string')) {
    throw invalid(who, '`webhooks.deliveryId` must be null or name a header')
  }
  // Headers of a delivery are looked up by their lower-case names; anything else would never be found.
  for (const header of [signature.header, isRecord(deliveryId) ? deliveryId.header : '']) {
    if (header !== String(header).toLowerCase()) {
      throw invalid(who, `the header name ${JSON.stringify(header)} in \`webhooks\` must be in lower case`)
    }
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isSchema(value: unknown): boolean {
  return isRecord(value) && typeof value.safeParse === 'function' && '_zod' in value
}

function invalid(who: string, mistake: string): ConnectorsError<'INVALID_PROVIDER'> {
  return new ConnectorsError('INVALID_PROVIDER', `${who}: ${mistake}.`)
}
