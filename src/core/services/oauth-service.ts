import type { TenantId } from '../domain/tenant.ts'
import type { OperatorOAuthVerbs } from '../oauth-verbs.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Clock } from '../ports/clock.ts'
import type { HttpTransport } from '../ports/http-transport.ts'
import type { OAuthClient } from '../ports/oauth-client.ts'
import type { Ids, Randomness } from '../ports/randomness.ts'
import type { RepositorySet } from '../ports/repositories.ts'
import type { AdapterFactory } from './adapter-factory.ts'
import type { AuditedTransport } from './audited-transport.ts'
import type { ConnectionAccess } from './connection-access.ts'
import type { ConnectionService } from './connection-service.ts'
import type { OAuthApps } from './oauth-apps.ts'
import { type Authorize, createAuthorize } from './oauth-authorize.ts'
import { createOAuthCallback, type OAuthCallback } from './oauth-callback.ts'
import { createOAuthConnect } from './oauth-connect.ts'
import { createOAuthPrune } from './oauth-prune.ts'
import type { ProviderRegistry } from './provider-registry.ts'
import type { SecretSealer } from './secret-sealer.ts'
import type { Vault } from './vault.ts'

/** Connecting accounts on consent pages, from sending the browser there until its return. */
export interface OAuthService<T extends TenantId> {
  readonly authorize: Authorize<T>
  readonly callback: OAuthCallback<T>
  readonly prune: OperatorOAuthVerbs<T>['prune']
}

/** Puts it together. */
export function createOAuthService<T extends TenantId>({
  repositories,
  registry,
  apps,
  client,
  vault,
  sealer,
  service,
  access,
  adapters,
  transport,
  auditedTransport,
  clock,
  ids,
  randomness,
  signal,
  options,
}: {
  readonly repositories: Pick<RepositorySet<T>, 'connections' | 'oauthStates'>
  readonly registry: ProviderRegistry
  readonly apps: OAuthApps
  readonly client: OAuthClient
  readonly vault: Vault
  readonly sealer: SecretSealer
  readonly service: ConnectionService<T>
  readonly access: ConnectionAccess<T>
  readonly adapters: AdapterFactory<T>
  /** For what is asked before there is a connection that it could belong to. */
  readonly transport: HttpTransport
  readonly auditedTransport: AuditedTransport<T>
  readonly clock: Clock
  readonly ids: Ids
  readonly randomness: Randomness
  readonly signal: AbortSignal
  readonly options: Pick<ResolvedOptions, 'oauth'>
}): OAuthService<T> {
  const { connections, oauthStates } = repositories
  const shared = { apps, client, sealer, clock }
  const connect = createOAuthConnect({
    ...shared,
    connections,
    service,
    access,
    adapters,
    transport: auditedTransport,
    ids,
    signal,
  })
  return {
    authorize: createAuthorize({ ...shared, repositories, registry, vault, transport, randomness, options }),
    callback: createOAuthCallback({ repositories, registry, vault, connect, clock }),
    prune: createOAuthPrune(oauthStates, clock),
  }
}
