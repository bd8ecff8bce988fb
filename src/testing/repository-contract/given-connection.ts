import type { Connection } from '../../core/domain/connection.ts'
import type { TenantId } from '../../core/domain/tenant.ts'
import { newConnection } from '../new-connection.ts'
import type { RepositoryContractContext } from './repository-contract-case.ts'

/** Stores a connection of a fresh tenant (or of the one in `fields`) and answers it. */
export async function givenConnection<T extends TenantId, Tx>(
  context: RepositoryContractContext<T, Tx>,
  fields: Partial<Connection<T>> = {},
): Promise<Connection<T>> {
  const connection = newConnection<T>({ ...fields, tenantId: fields.tenantId ?? (await context.newTenantId()) })
  await context.repositories.connections.create(connection)
  return connection
}
