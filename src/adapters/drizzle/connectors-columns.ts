/** What a column holds; the dialect says in which type. A `?` at the end: NULL is allowed. */
export type Kind = 'text' | 'integer' | 'count' | 'boolean' | 'instant' | 'json' | 'bytes'

/** A column: `id` is the primary key, `tenant` has the type that the user chose. */
export type ColumnSpec = 'id' | 'tenant' | Kind | `${Kind}?`

/** A table, as both dialects make it. */
export interface TableSpec {
  readonly name: string
  readonly columns: Readonly<Record<string, ColumnSpec>>
  readonly unique?: readonly string[]
  readonly indexes: readonly (readonly string[])[]
}

/** The tables of the library. A test compares them with the Prisma fragments: both may use one database. */
export const connectorsColumns = {
  connection: {
    name: 'connectors_connection',
    columns: {
      id: 'id',
      tenantId: 'tenant',
      providerFamily: 'text',
      providerName: 'text',
      displayName: 'text',
      credentialsEncrypted: 'text',
      credentialsVersion: 'integer',
      webhookSecretsEncrypted: 'text?',
      config: 'json',
      settingsEncrypted: 'text?',
      slot: 'text',
      isEnabled: 'boolean',
      isConnected: 'boolean',
      authFailureCount: 'integer',
      lastAuthFailureAt: 'instant?',
      disabledReason: 'text?',
      pausedUntil: 'instant?',
      pauseReason: 'text?',
      pauseCount: 'integer',
      probeLeaseOwner: 'text?',
      probeLeaseExpiresAt: 'instant?',
      tokenExpiresAt: 'instant?',
      refreshLeaseOwner: 'text?',
      refreshLeaseExpiresAt: 'instant?',
      externalAccountId: 'text?',
      version: 'integer',
      deletedAt: 'instant?',
      createdAt: 'instant',
      updatedAt: 'instant',
    },
    unique: ['tenantId', 'providerFamily', 'providerName', 'slot'],
    indexes: [
      ['tenantId', 'id'],
      ['providerFamily', 'providerName', 'id'],
    ],
  },
  syncState: {
    name: 'connectors_sync_state',
    columns: {
      id: 'id',
      tenantId: 'tenant',
      connectionId: 'text',
      resourceType: 'text',
      cursor: 'text?',
      status: 'text',
      lastSyncAt: 'instant?',
      nextSyncAt: 'instant?',
      errorCount: 'integer',
      lastError: 'text?',
      mode: 'text',
      generation: 'integer',
      generationStartedAt: 'instant?',
      trail: 'text?',
      itemsSynced: 'count',
      revision: 'integer',
      leaseOwner: 'text?',
      leaseExpiresAt: 'instant?',
      fence: 'integer',
      createdAt: 'instant',
      updatedAt: 'instant',
    },
    unique: ['connectionId', 'resourceType'],
    indexes: [
      ['connectionId', 'id'],
      ['tenantId', 'id'],
    ],
  },
  webhookEvent: {
    name: 'connectors_webhook_event',
    columns: {
      id: 'id',
      tenantId: 'tenant',
      connectionId: 'text',
      provider: 'text',
      eventType: 'text',
      idempotencyKey: 'text',
      rawBody: 'bytes',
      payload: 'json?',
      headers: 'json',
      signatureValid: 'boolean',
      status: 'text',
      attempts: 'integer',
      deliveries: 'integer',
      availableAt: 'instant?',
      claimExpiresAt: 'instant?',
      processedAt: 'instant?',
      error: 'text?',
      createdAt: 'instant',
    },
    unique: ['connectionId', 'idempotencyKey'],
    indexes: [
      ['tenantId', 'id'],
      ['connectionId', 'id'],
      ['connectionId', 'status', 'createdAt'],
      ['status', 'availableAt', 'id'],
    ],
  },
  executionLog: {
    name: 'connectors_execution_log',
    columns: {
      id: 'id',
      tenantId: 'tenant',
      connectionId: 'text',
      runId: 'text?',
      actor: 'text?',
      action: 'text',
      method: 'text',
      url: 'text',
      requestPayload: 'text?',
      responseStatus: 'integer?',
      responsePayload: 'text?',
      durationMs: 'integer',
      attempt: 'integer',
      error: 'text?',
      createdAt: 'instant',
    },
    indexes: [['tenantId', 'id'], ['connectionId', 'id'], ['runId', 'id'], ['createdAt']],
  },
  oauthState: {
    name: 'connectors_oauth_state',
    columns: {
      id: 'id',
      tenantId: 'tenant',
      providerFamily: 'text',
      providerName: 'text',
      contextEncrypted: 'text',
      expiresAt: 'instant',
      createdAt: 'instant',
    },
    indexes: [['expiresAt']],
  },
} as const satisfies Readonly<Record<string, TableSpec>>
