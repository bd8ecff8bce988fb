import { type Connection, isConnectorsError, type TenantId } from 'bapp-connectors'
import { connectionRow, readTable } from './django-rows.ts'
import type { Migration, Moved, Tally } from './migration.ts'
import { stableId } from './stable-id.ts'

/** Moves connections, credentials as they are: Fernet tokens, which the key entry `{ id, fernet }` opens. */
export async function moveConnections<T extends TenantId, Tx>(
  migration: Migration<T, Tx>,
  tally: Tally,
): Promise<ReadonlyMap<string, Moved<T>>> {
  const { query, repositories, providers, toTenantId, now, appLabel = 'connectors' } = migration
  const moved = new Map<string, Moved<T>>()
  const table = `${appLabel}_connection`
  for await (const rows of readTable(query, table, connectionRow(migration.tenantColumn ?? 'company_id'))) {
    for (const row of rows) {
      const { id: primaryKey, provider_family: family, provider_name: name } = row
      const provider = providers.find((known) => known.family === family && known.name === name)
      if (provider === undefined) {
        tally.problems.push({ id: primaryKey, problem: `there is no provider ${family}/${name}` })
        continue
      }
      if (row.credentials_encrypted === '') {
        tally.problems.push({ id: primaryKey, problem: 'it has no credentials' })
        continue
      }
      const id = stableId(table, primaryKey, row.created_at)
      const tenantId = toTenantId(row.tenant)
      const connection: Connection<T> = {
        id,
        tenantId,
        providerFamily: family,
        providerName: name,
        displayName: row.display_name || provider.label,
        credentialsEncrypted: row.credentials_encrypted,
        credentialsVersion: 1,
        webhookSecretsEncrypted: null,
        // Settings come by a verb, which validates them and seals the secret ones.
        config: {},
        settingsEncrypted: null,
        slot: provider.allowMultiple ? id : '',
        isEnabled: row.is_enabled,
        isConnected: row.is_connected,
        authFailureCount: row.auth_failure_count,
        lastAuthFailureAt: row.last_auth_failure_at ?? null,
        disabledReason: row.disabled_reason,
        pausedUntil: null,
        pauseReason: null,
        pauseCount: 0,
        probeLeaseOwner: null,
        probeLeaseExpiresAt: null,
        tokenExpiresAt: null,
        tokenRefreshAt: null,
        needsReauthorization: false,
        refreshLeaseOwner: null,
        refreshLeaseExpiresAt: null,
        externalAccountId: null,
        version: 1,
        deletedAt: null,
        createdAt: row.created_at ?? now,
        updatedAt: now,
      }
      try {
        const scope = { kind: 'tenant', tenantId } as const
        const known = await repositories.connections.find({ scope, id, includeDeleted: true })
        if (known === null) await repositories.connections.create(connection)
        moved.set(primaryKey, { id, tenantId, provider })
        await moveSettings(migration, known ?? connection, row.config)
        if (known === null) tally.moved += 1
        else tally.known += 1
      } catch (error) {
        if (!isConnectorsError(error)) throw error
        tally.problems.push({ id: primaryKey, problem: error.message })
      }
    }
  }
  return moved
}

/** What somebody has changed here meanwhile stays. The ancestor kept the webhook secret among the settings, for all to see. */
async function moveSettings<T extends TenantId, Tx>(
  { connectors }: Migration<T, Tx>,
  { id, tenantId, config, settingsEncrypted, webhookSecretsEncrypted }: Connection<T>,
  { webhook_secret, ...settings }: Connection<T>['config'],
): Promise<void> {
  const { connections } = connectors.forTenant(tenantId)
  if (webhookSecretsEncrypted === null && typeof webhook_secret === 'string' && webhook_secret !== '') {
    await connections.rotateWebhookSecret(id, { secret: webhook_secret })
  }
  if (Object.keys(config).length === 0 && settingsEncrypted === null) await connections.updateSettings(id, settings)
}
