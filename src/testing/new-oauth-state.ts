import { createHash } from 'node:crypto'
import type { OAuthState } from '../core/domain/oauth-state.ts'
import type { TenantId } from '../core/domain/tenant.ts'
import { instant } from './instant.ts'
import { newId } from './new-id.ts'

/** An authorization under way, for tests: begun just now, good for ten minutes. */
export function newOAuthState<T extends TenantId>(
  fields: Partial<OAuthState<T>> & { readonly tenantId: T },
): OAuthState<T> {
  return {
    id: createHash('sha256').update(newId()).digest('hex'),
    providerFamily: 'code',
    providerName: 'github',
    contextEncrypted: 'v1.key.nonce.context',
    expiresAt: instant(600_123),
    createdAt: instant(0),
    ...fields,
  }
}
