import type { Connection } from '../domain/connection.ts'
import type { SealContext } from '../domain/envelope.ts'
import { type TenantId, tenantText } from '../domain/tenant.ts'
import type { SealedColumn } from '../ports/connection-repository.ts'

/** A sealed value of a connection, and where it belongs. */
export interface SealedValue {
  readonly column: SealedColumn
  readonly sealed: string
  readonly context: SealContext & { readonly field: (typeof fields)[SealedColumn] }
}

const fields = {
  credentialsEncrypted: 'credentials',
  webhookSecretsEncrypted: 'webhookSecrets',
  settingsEncrypted: 'settings',
} as const satisfies Record<SealedColumn, SealContext['field']>

const columns = Object.keys(fields) as readonly SealedColumn[]

/** The sealed values that a connection has, in every sealed column there is. */
export function sealedValues<T extends TenantId>(connection: Connection<T>): readonly SealedValue[] {
  const { id: connectionId, tenantId } = connection
  return columns.flatMap((column) => {
    const sealed = connection[column]
    if (sealed === null) return []
    return [{ column, sealed, context: { tenant: tenantText(tenantId), connectionId, field: fields[column] } }]
  })
}
