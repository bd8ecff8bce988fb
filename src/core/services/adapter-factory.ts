import type { Connection } from '../domain/connection.ts'
import { describeIssues } from '../domain/describe-issues.ts'
import { ConnectorsError } from '../domain/errors.ts'
import type { Adapter, AdapterContext, AdapterRequest, AnyProvider } from '../domain/provider.ts'
import { createRedactor, type Redactor, stringsIn } from '../domain/redaction.ts'
import { secretsOfCredentials } from '../domain/secret-field.ts'
import type { TenantId } from '../domain/tenant.ts'
import type { Clock } from '../ports/clock.ts'
import type { HttpResponse } from '../ports/http-transport.ts'
import type { Logger } from '../ports/logger.ts'
import type { Randomness } from '../ports/randomness.ts'
import { createAsyncScope } from './async-scope.ts'
import type { AuditedTransport, OperationLabel } from './audited-transport.ts'
import { conceal } from './conceal.ts'
import { openSettings, secretsAmong } from './connection-settings.ts'
import { linkAbort } from './linked-abort.ts'
import type { ProviderRegistry } from './provider-registry.ts'
import type { SecretSealer } from './secret-sealer.ts'
import { withoutSecrets } from './without-secrets.ts'

/** More connections than this don't keep their adapter, and with it their opened credentials, in memory. */
const capacity = 1_000
/** Requests by which nothing changes at the provider (RFC 9110, 9.2.1). */
const safeMethods: readonly string[] = ['GET', 'HEAD', 'OPTIONS']

/** The adapter of a connection, and what it was built from. */
export interface OpenedAdapter {
  readonly adapter: Adapter
  readonly provider: AnyProvider
  readonly credentialsVersion: number
  readonly redactor: Redactor
  /** Runs a call of the adapter, so that its requests carry the label. */
  readonly run: <R>(label: OperationLabel, call: (adapter: Adapter) => Promise<R>) => Promise<R>
}

/** An adapter that is kept, and the record that it was last asked for with. */
interface Entry<T extends TenantId> {
  readonly builtFrom: string
  readonly adapter: Promise<OpenedAdapter>
  record: Connection<T>
  built: OpenedAdapter | null
}

/** Opens credentials and builds adapters. */
export interface AdapterFactory<T extends TenantId> {
  /**
   * @throws {ConnectorsError} `UNKNOWN_PROVIDER`, `INVALID_PROVIDER`, `INVALID_CREDENTIALS` or `INVALID_SETTINGS` when what is stored
   *   doesn't fit the provider any more, and everything that opening a sealed value throws.
   */
  readonly open: (connection: Connection<T>) => Promise<OpenedAdapter>
  /** The adapter that was opened for this very record last; `null` if there is none, or the record has been read anew since. */
  readonly opened: (connection: Connection<T>) => OpenedAdapter | null
  /** The same for a connection as it may become: nothing of it is remembered. */
  readonly openDraft: (draft: Connection<T>) => Promise<OpenedAdapter>
  /** Lets go of the opened credentials of a connection. */
  readonly forget: (connectionId: string) => void
}

/** A factory that remembers the adapter of a connection until its credentials or settings change. */
export function createAdapterFactory<T extends TenantId>({
  registry,
  sealer,
  transport,
  clock,
  randomness,
  logger,
}: {
  readonly registry: ProviderRegistry
  readonly sealer: Pick<SecretSealer, 'openCredentials' | 'openSettings' | 'openWebhookSecrets'>
  readonly transport: AuditedTransport<T>
  readonly clock: Clock
  readonly randomness: Randomness
  readonly logger: Logger
}): AdapterFactory<T> {
  const opened = new Map<string, Entry<T>>()

  const build = async (connection: Connection<T>): Promise<OpenedAdapter> => {
    const provider = registry.of(connection)
    const stored = await sealer.openCredentials(connection)
    const credentials = await provider.credentials.safeParseAsync(stored)
    if (!credentials.success)
      throw outdated('INVALID_CREDENTIALS', 'credentials', 'rotateCredentials', connection, credentials.error.issues)
    const storedSettings = await openSettings(connection, sealer)
    const settings = await provider.settings.safeParseAsync(storedSettings)
    if (!settings.success)
      throw outdated('INVALID_SETTINGS', 'settings', 'updateSettings', connection, settings.error.issues)

    const secretSettings = [storedSettings, settings.data].flatMap((values) =>
      stringsIn(secretsAmong(provider.settings, Object(values))),
    )
    // A provider may answer with the secret that it signs webhooks with, e.g. when they are listed there.
    const webhookSecrets = await sealer.openWebhookSecrets(connection, clock.now())
    const redactor = createRedactor([
      ...stringsIn(secretsOfCredentials(provider.credentials, stored)),
      ...stringsIn(secretsOfCredentials(provider.credentials, credentials.data)),
      ...secretSettings,
      ...webhookSecrets.map(({ secret }) => secret),
    ])
    // One adapter serves many operations at once; the scope tells which of them a request belongs to.
    const current = createAsyncScope<OperationLabel>()
    const label = (): OperationLabel => current.get() ?? { action: 'call', runId: null, signal: null }
    const adapter = buildCleanly(provider, redactor, {
      // The schema made a new object of what the vault had concealed.
      credentials: conceal(credentials.data),
      settings: secretSettings.length > 0 ? conceal(settings.data) : settings.data,
      now: clock.now,
      fraction: randomness.fraction,
      redact: redactor.text,
      report: (error, message) =>
        logger.warn(
          { err: withoutSecrets(error, redactor, provider.name), connectionId: connection.id, provider: provider.name },
          redactor.text(message),
        ),
      wait: (ms, signal) => wait(clock, ms, [label().signal, signal]),
      send: async (request: AdapterRequest): Promise<HttpResponse> => {
        const of = label()
        let status: number | null = null
        try {
          const response = await transport(request, { connection, redactor, label: of, rateLimit: provider.rateLimit })
          status = response.status
          return response
        } finally {
          if (!safeMethods.includes(request.method) && status !== 401) of.onEffect?.()
        }
      },
    })
    return {
      adapter,
      provider,
      credentialsVersion: connection.credentialsVersion,
      redactor,
      run: (of, call) => current.run(of, () => call(adapter)),
    }
  }

  return {
    opened: (connection) => {
      const known = opened.get(connection.id)
      return known?.record === connection ? known.built : null
    },
    open: (connection) => {
      const builtFrom = JSON.stringify([
        connection.credentialsVersion,
        connection.config,
        connection.settingsEncrypted,
        connection.webhookSecretsEncrypted,
      ])
      const known = opened.get(connection.id)
      if (known?.builtFrom === builtFrom) {
        known.record = connection
        return known.adapter
      }
      const entry: Entry<T> = { builtFrom, record: connection, adapter: build(connection), built: null }
      opened.delete(connection.id)
      opened.set(connection.id, entry)
      entry.adapter.then(
        (built) => {
          entry.built = built
        },
        () => {
          if (opened.get(connection.id) === entry) opened.delete(connection.id)
        },
      )
      const oldest = opened.keys().next().value
      if (opened.size > capacity && oldest !== undefined) opened.delete(oldest)
      return entry.adapter
    },
    openDraft: build,
    forget: (connectionId) => void opened.delete(connectionId),
  }
}

/** What the provider's code throws comes out redacted, here as in its methods. */
function buildCleanly(provider: AnyProvider, redactor: Redactor, context: AdapterContext<unknown, unknown>): Adapter {
  try {
    return provider.build(context)
  } catch (thrown) {
    throw withoutSecrets(thrown, redactor, provider.name)
  }
}

function outdated(
  code: 'INVALID_CREDENTIALS' | 'INVALID_SETTINGS',
  what: string,
  verb: string,
  connection: Connection,
  issues: Parameters<typeof describeIssues>[0],
): ConnectorsError {
  return new ConnectorsError(
    code,
    `The stored ${what} of connection ${connection.id} don't fit the provider ${connection.providerName} any more: ${describeIssues(issues)}. Call connections.${verb}().`,
  )
}

async function wait(clock: Clock, ms: number, signals: readonly (AbortSignal | null | undefined)[]): Promise<void> {
  const { signal, unlink } = linkAbort(signals)
  let cancel = () => {}
  try {
    await new Promise<void>((resolve, reject) => {
      const abort = () => reject(new ConnectorsError('ABORTED', 'The operation was aborted while it waited.'))
      if (signal.aborted) abort()
      else {
        signal.addEventListener('abort', abort, { once: true })
        cancel = clock.schedule(ms, resolve)
      }
    })
  } finally {
    cancel()
    unlink()
  }
}
