import { z } from 'zod'
import type { FamilyPresentation } from './domain/catalog.ts'
import { describeIssues } from './domain/describe-issues.ts'
import { ConnectorsError } from './domain/errors.ts'
import type { PageHandlers } from './domain/handlers.ts'
import type { JobQueue } from './domain/job.ts'
import type { AnyProvider } from './domain/provider.ts'
import type { TenantId } from './domain/tenant.ts'
import { encryptionOption } from './encryption-option.ts'
import { group } from './option-group.ts'
import type { Clock } from './ports/clock.ts'
import type { Logger } from './ports/logger.ts'
import type { Ids } from './ports/randomness.ts'
import type { RateLimitStore } from './ports/rate-limit-store.ts'

/** Speaks only for a value that is missing; about others zod itself knows better. */
const missing = (message: string) => ({
  error: ({ input }: { readonly input?: unknown }) => (input === undefined ? message : undefined),
})

/** What a proxy makes of an address here: seen from outside, and seen from here. */
interface Mount {
  readonly baseUrl?: string | undefined
  readonly path?: string | undefined
}

const outsideUrl = (example: string) =>
  z.string().refine((url) => /^https?:\/\/[^\s/?#@]+(\/[\w.~-]+)*$/.test(url) && URL.canParse(url), {
    error: `must be an absolute URL like ${example}, without a query and without a slash at the end`,
    abort: true,
  })

const insidePath = (example: string) =>
  z.string().regex(/^(\/[\w.~-]+)+$/, `must be a path like ${example}, without a slash at the end`)

const hasPath = ({ baseUrl, path }: Mount) =>
  baseUrl === undefined || path !== undefined || new URL(baseUrl).pathname !== '/'

const pathOf = ({ baseUrl, path }: Mount, fallback: string) =>
  path ?? (baseUrl === undefined ? fallback : new URL(baseUrl).pathname)

const token = z.string().regex(/^[\x21-\x7e]+$/, 'must be a text of printable characters without white space')

const oauthApp = group({
  clientId: token,
  /** Needed unless the provider takes applications without one. */
  clientSecret: token.optional(),
  /** Asked for instead of the provider's own. */
  scopes: z.array(token).optional(),
  /** Settings of every connection that is made by this application, e.g. the address of an on-premise server. */
  settings: z.record(z.string(), z.unknown()).default({}),
})

const webhookApp = group({
  /** All that are live: of the app, and of no connection. */
  secrets: z.array(token).min(1, 'needs at least one secret'),
})

const hostname = /^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.*$/i
const addressOrRange = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])

const networkEntry = z.string().refine((text) => hostname.test(text) || addressOrRange.safeParse(text).success, {
  error: ({ input }) => `${JSON.stringify(input)} is neither a hostname nor an address nor a range like 10.0.0.0/8`,
})

const port = <P extends object>(...verbs: readonly (keyof P & string)[]) =>
  z.custom<P>(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      // The cast only reads the members that are being checked.
      verbs.every((verb) => typeof (value as Record<string, unknown>)[verb] === 'function'),
    `must be an object with the functions ${verbs.join(', ')}`,
  )

const ms = z.int('must be a whole number of milliseconds').min(1, 'must be at least 1 millisecond')
const count = z.int('must be a whole number').min(1, 'must be at least 1')

const presented = z.string().min(1, 'must be a text').optional()

/** The options of `createConnectors` and the only place where their defaults live. */
const optionsSchema = group(
  {
    /** The providers that tenants can connect to. */
    providers: z
      .array(
        z.custom<AnyProvider>(
          (value) => typeof value === 'object' && value !== null && 'family' in value && 'build' in value,
          'must be made by defineProvider()',
        ),
        missing('is missing: give [yourProvider], made by defineProvider() or shipped, e.g. github'),
      )
      .min(1, 'name at least one provider'),
    encryption: encryptionOption,
    /** Page handlers by `family.resource`. */
    handlers: z.record(z.string(), z.unknown()).default({}),
    /** How families are shown in the catalog, by name. Default: as their providers say. */
    families: z.record(z.string(), group({ label: presented, icon: presented, color: presented })).default({}),
    breaker: group({
      /** Consecutive authentication failures that disable a connection. Default 3. */
      threshold: count.default(3),
    }).prefault({}),
    pause: group({
      /** Calls of a process in a row that the provider didn't answer, after which a connection is paused. Default 5. */
      afterFailures: count.default(5),
      /** The shortest pause for an outage. Default 30,000. */
      baseMs: ms.default(30_000),
      /** The longest pause for an outage. Default 3,600,000 (an hour). */
      maxMs: ms.default(3_600_000),
      /** How long the call that goes first after a pause may be silent before another may. Default 60,000. */
      probeLeaseMs: ms.default(60_000),
    })
      .refine(({ baseMs, maxMs }) => baseMs <= maxMs, 'has a baseMs above its maxMs')
      .prefault({}),
    /** How old a copy of a connection may be when a call on a held adapter or a delivery relies on it. Default 1,000; 0 = read every time. */
    gateMaxAgeMs: z.int().min(0, 'must be 0 or more milliseconds').default(1_000),
    /** How far clocks of processes may differ: a lease is taken over only this long after it expired. Default 10,000. */
    clockSkewMs: z.int().min(0, 'must be 0 or more milliseconds').default(10_000),
    sync: group({
      /** How long a run may be silent before another may take over. Default 60,000. */
      leaseMs: ms.default(60_000),
      /** How many items the handlers of a run may reject before it fails. Default 100. */
      maxRejected: z.int('must be a whole number').min(0, 'must be 0 or more').default(100),
    }).prefault({}),
    transaction: group({
      /** How long a handler may take. Default 30,000. */
      timeoutMs: ms.default(30_000),
      /** How long to wait for a database connection. Default 10,000. */
      maxWaitMs: ms.default(10_000),
    }).prefault({}),
    webhooks: group({
      /** Where providers reach `path` from outside, e.g. `https://app.example.com/webhooks`. Default: as requests say. */
      baseUrl: outsideUrl('https://app.example.com/webhooks').optional(),
      /** Where `handler` takes deliveries: `POST {path}/:connectionId`. Default: the path of `baseUrl`, else `/webhooks`. */
      path: insidePath('/webhooks').optional(),
      /** Larger bodies are refused. Default 1,048,576 (1 MiB). */
      maxBodyBytes: count.default(1_048_576),
      /** Deliveries that this process handles at a time. Default 4. */
      concurrency: count.default(4),
      /** How long processing may be silent before another may take over. Default 120,000. */
      claimLeaseMs: ms.default(120_000),
      /** Whether deliveries about one thing are processed one after the other, as they arrived. Default false. */
      keepOrder: z.boolean().default(false),
      /** What becomes of deliveries of a disabled connection: they are processed, or held until it is enabled. Default `process`. */
      whileDisabled: z.enum(['process', 'hold']).default('process'),
      /** Rejected deliveries kept per connection and day. Default 100. */
      maxRejectedPerDay: z.int().min(0).default(100),
      /** Your apps whose deliveries come to `{path}/app/:provider`, by the provider's `name` (or `family.name`). */
      apps: z.record(z.string(), webhookApp).default({}),
    })
      .refine(hasPath, 'has a baseUrl without a path: say where deliveries arrive here with path')
      .transform(({ baseUrl, path, ...webhooks }) => ({
        ...(baseUrl !== undefined && { baseUrl }),
        path: pathOf({ baseUrl, path }, '/webhooks'),
        ...webhooks,
      }))
      .prefault({}),
    oauth: group({
      /** Your applications, as they are registered at the providers, by the provider's `name` (or `family.name`). */
      apps: z.record(z.string(), oauthApp).default({}),
      /** Where browsers reach `path` from outside, e.g. `https://app.example.com/oauth`. Default: `redirectUri` has to be given. */
      baseUrl: outsideUrl('https://app.example.com/oauth').optional(),
      /** Where `handler` takes returning browsers: `GET {path}/callback/:provider`. Default: the path of `baseUrl`, else `/oauth`. */
      path: insidePath('/oauth').optional(),
      /** Origins besides the redirect URI's to which `returnTo` may lead, e.g. `https://www.example.com`. */
      returnToOrigins: z
        .array(z.string().refine((text) => URL.canParse(text) && new URL(text).origin === text, 'must be an origin'))
        .default([]),
    })
      .refine(hasPath, 'has a baseUrl without a path: say where browsers arrive here with path')
      .transform(({ apps, baseUrl, path, returnToOrigins }) => ({
        apps,
        ...(baseUrl !== undefined && { baseUrl }),
        path: pathOf({ baseUrl, path }, '/oauth'),
        returnToOrigins,
      }))
      .prefault({}),
    audit: group({
      /** How long rows may wait in memory, and so how much a kill can lose. Default 1,000. */
      flushMs: ms.default(1_000),
      /** Rows kept in memory while the database stalls; more are dropped and counted. Default 10,000. */
      maxBufferedRows: count.default(10_000),
      /** When bodies are kept. Default `failures`. */
      bodies: z.enum(['never', 'failures', 'always']).default('failures'),
      /** Longer bodies are cut, in characters. Default 8,192. */
      maxBodyLength: count.default(8_192),
    }).prefault({}),
    http: group({
      /** Limit of one exchange with a provider. Default 10,000. */
      timeoutMs: ms.default(10_000),
      /** Allows http and private addresses, for tests and on-premise providers: all, or those on a list. Default false. */
      allowPrivateNetwork: z
        .union([z.boolean(), z.array(networkEntry)], 'must be a boolean or a list of hostnames, addresses and ranges')
        .default(false),
    }).prefault({}),
    rateLimit: group({
      /** How long a request may wait for its turn under its provider's limit before it is refused. Default 30,000. */
      maxWaitMs: ms.default(30_000),
    }).prefault({}),
    /** Where log lines go. Default: pino on standard output. */
    logger: port<Logger>('debug', 'info', 'warn', 'error').optional(),
    /** Default: the system's clock. */
    clock: port<Clock>('now', 'schedule').optional(),
    /** Default: uuid v7. */
    ids: port<Ids>('next').optional(),
    /** Where jobs wait. Default: in the memory of this process. */
    queue: port<JobQueue>('enqueue', 'waitingCount', 'consume', 'close').optional(),
    /** Where processes share the rate limits of their connections. Default: each process keeps them by itself. */
    rateLimitStore: port<RateLimitStore>('take').optional(),
  },
  'are the second argument, and missing: createConnectors(repositories, { providers: [yourProvider], encryption: { keys: [{ id, key }] } })',
)

/** The options with all defaults filled in. */
export type ResolvedOptions = z.output<typeof optionsSchema>

/** The options of `createConnectors`. */
export type ConnectorsOptions<
  Providers extends readonly AnyProvider[] = readonly AnyProvider[],
  T extends TenantId = TenantId,
  Tx = unknown,
> = Omit<z.input<typeof optionsSchema>, 'providers' | 'handlers' | 'families'> & {
  /** The providers that tenants can connect to. */
  readonly providers: Providers
  /** What to do with the pages of a resource, by `family.resource`. */
  readonly handlers?: PageHandlers<Providers[number], T, Tx>
  /** How families are shown in the catalog, by name. Default: as their providers say. */
  readonly families?: { readonly [Family in Providers[number]['family']]?: FamilyPresentation }
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {ConnectorsError} `INVALID_OPTIONS`, naming each mistake and what to do about it.
 */
export function resolveOptions(options: unknown): ResolvedOptions {
  const result = optionsSchema.safeParse(options)
  if (result.success) return result.data
  throw new ConnectorsError(
    'INVALID_OPTIONS',
    `createConnectors: invalid options: ${describeIssues(result.error.issues, 'options')}`,
  )
}
