import { timingSafeEqual } from 'node:crypto'
import { browserCookie, cookieValues } from '../domain/browser-cookie.ts'
import { toConnectionView } from '../domain/connection.ts'
import { connectionNotFound } from '../domain/connection-not-found.ts'
import { ConnectorsError, isConnectorsError } from '../domain/errors.ts'
import type { OAuthState } from '../domain/oauth-state.ts'
import type { AnyProvider } from '../domain/provider.ts'
import { isInScope, type Scope, type TenantId, tenantScope } from '../domain/tenant.ts'
import type { OAuthOutcome, OAuthRefusal, OAuthReturn } from '../oauth-verbs.ts'
import type { Clock } from '../ports/clock.ts'
import type { RepositorySet } from '../ports/repositories.ts'
import { anything, checkFields, type FieldCheck, text } from './check-fields.ts'
import type { OAuthConnect } from './oauth-connect.ts'
import { hashOf, type OAuthContext, openOAuthContext } from './oauth-context.ts'
import { type BareOutcome, toEnd } from './oauth-outcome.ts'
import type { ProviderRegistry } from './provider-registry.ts'
import type { Vault } from './vault.ts'

/** Ends what `authorize` began, see `OAuthVerbs.callback`. */
export type OAuthCallback<T extends TenantId> = (scope: Scope<T>, returned: OAuthReturn) => Promise<OAuthOutcome<T>>

/** Makes it. */
export function createOAuthCallback<T extends TenantId>({
  repositories,
  registry,
  vault,
  connect,
  clock,
}: {
  readonly repositories: Pick<RepositorySet<T>, 'connections' | 'oauthStates'>
  readonly registry: ProviderRegistry
  readonly vault: Vault
  readonly connect: OAuthConnect<T>
  readonly clock: Clock
}): OAuthCallback<T> {
  /** The code was good for one try, and so was the state: whatever goes wrong from here on, it has to be begun anew. */
  const finish = async (
    provider: AnyProvider,
    state: OAuthState<T>,
    context: OAuthContext,
    query: URLSearchParams,
  ): Promise<BareOutcome<T>> => {
    const code = query.get('code')
    if (query.has('error') || code === null || code === '') return refusedThere(provider, query.get('error'))
    try {
      const connected = await connect({ provider, state, context, code, issuer: query.get('iss'), query })
      if (connected === null) {
        const message = `The connection belongs to another account at ${provider.label}. Sign in there with that one, or make a new connection.`
        return refused('otherAccount', message)
      }
      const scope = tenantScope(state.tenantId)
      // Its test has changed it.
      const { id } = connected.connection
      const connection = await repositories.connections.find({ scope, id })
      if (connection === null) throw connectionNotFound(id)
      const { actor } = context
      return {
        status: 'connected',
        connection: toConnectionView(connection, clock.now()),
        isNew: connected.isNew,
        actor,
      }
    } catch (error) {
      if (!isConnectorsError(error)) throw error
      return error.code === 'OAUTH_ISSUER_MISMATCH'
        ? refused('otherIssuer', error.message, error)
        : refused('failed', `${provider.label} could not be connected. Try again.`, error)
    }
  }

  return async (scope, returned) => {
    checkFields('The argument of oauth.callback', returned, returnFields)
    const provider = registry.get(returned.provider)
    const query = queryOf(returned.url)
    const value = query.get('state')
    const id = hashOf(value ?? '')
    const row = value === null || value === '' ? null : await repositories.oauthStates.consume({ id, at: clock.now() })
    if (row === null || row.providerFamily !== provider.family || row.providerName !== provider.name) {
      return end(
        refused(
          'unknownState',
          'This attempt is not known: it was used already, or took longer than ten minutes. Try again.',
        ),
        { returnTo: null, cookie: null },
      )
    }
    const context = await openOAuthContext(vault, row)
    const { redirectUri, returnTo, browserHash, actor } = context
    const cookie = browserHash === null ? null : browserCookie(id, redirectUri)
    const outcome = () => {
      if (cookie !== null && browserHash !== null) {
        const isSame = cookieValues(returned.cookie, cookie).some((given) => isEqual(hashOf(given), browserHash))
        if (!isSame)
          return refused('otherBrowser', 'It was begun in another browser. Begin and end it in the same one.')
      }
      if (!isInScope(scope, row.tenantId)) return refused('otherTenant', 'It was begun for another tenant.')
      if (returned.actor !== undefined && returned.actor !== actor) {
        return refused('otherActor', 'It was begun by somebody else. Begin it yourself.')
      }
      return finish(provider, row, context, query)
    }
    return end(await outcome(), { returnTo, cookie })
  }
}

const returnFields = {
  provider: text,
  url: text,
  cookie: { is: (value) => value === null || typeof value === 'string', mustBe: 'a string or null' },
  actor: anything,
} satisfies Record<keyof OAuthReturn, FieldCheck>

function end<T extends TenantId>(outcome: BareOutcome<T>, to: Parameters<typeof toEnd>[1]): OAuthOutcome<T> {
  return Object.freeze({ ...outcome, toResponse: () => toEnd(outcome, to) })
}

function refused(
  reason: OAuthRefusal,
  message: string,
  error: Extract<OAuthOutcome, { status: 'refused' }>['error'] = null,
) {
  return { status: 'refused', reason, message, error } as const
}

/** What came back instead of a code. Its text is not shown: anybody can write it into a link. */
function refusedThere({ label }: AnyProvider, said: string | null) {
  if (said === 'access_denied') return refused('denied', `${label} was told not to allow it.`)
  const code = said !== null && /^[a-z_]{1,64}$/.test(said) ? ` (${said})` : ''
  const error = new ConnectorsError('PROVIDER_REJECTED', `The consent page of ${label} ended without a code${code}.`)
  return refused('failed', error.message, error)
}

/** The parameters of the answer. One that is there twice means something else to each who reads it: then there is none. */
function queryOf(url: string): URLSearchParams {
  const query = URL.canParse(url, 'http://localhost') ? new URL(url, 'http://localhost').searchParams : null
  const isPlain = query !== null && ['state', 'code', 'iss', 'error'].every((name) => query.getAll(name).length <= 1)
  return isPlain ? query : new URLSearchParams()
}

function isEqual(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))
}
