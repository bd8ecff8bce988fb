import { createHash } from 'node:crypto'
import type { OAuthState } from '../domain/oauth-state.ts'
import { type TenantId, tenantText } from '../domain/tenant.ts'
import type { Vault } from './vault.ts'

/** What has to be remembered from sending a browser to a consent page until its return. */
export interface OAuthContext {
  readonly actor: string
  readonly redirectUri: string
  readonly returnTo: string | null
  /** `null` = without PKCE. */
  readonly codeVerifier: string | null
  /** SHA-256 of the cookie's value; `null` = any browser may return. */
  readonly browserHash: string | null
  readonly connectionId: string | null
  readonly settings: Readonly<Record<string, unknown>>
  readonly displayName: string | null
}

/** The id under which a state is stored: who reads the table can't use it. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

type Target = Pick<OAuthState, 'id' | 'tenantId'>

const contextOf = ({ id, tenantId }: Target) =>
  ({ tenant: tenantText(tenantId), connectionId: id, field: 'oauthState' }) as const

/** The sealed value of a state, and where it belongs. */
export function sealedOAuthContext(state: OAuthState) {
  return { sealed: state.contextEncrypted, context: contextOf(state) }
}

/** Seals a context for one state of one tenant. */
export function sealOAuthContext(vault: Vault, target: Target, context: OAuthContext): Promise<string> {
  return vault.seal(context, contextOf(target))
}

/** Opens it. Throws what opening a sealed value throws. */
export async function openOAuthContext<T extends TenantId>(vault: Vault, state: OAuthState<T>): Promise<OAuthContext> {
  // Only sealOAuthContext() writes this column, and a value from elsewhere doesn't open.
  return (await vault.open(state.contextEncrypted, contextOf(state))) as OAuthContext
}
