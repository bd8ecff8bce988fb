import type { Connection } from '../../core/domain/connection.ts'
import { ConnectorsError } from '../../core/domain/errors.ts'
import { type TenantId, tenantText } from '../../core/domain/tenant.ts'
import type { SyncStateRef } from '../../core/ports/sync-state-repository.ts'
import type { WebhookEventRef } from '../../core/ports/webhook-event-repository.ts'

/** The tenant is connected to this provider already, or an id is taken. */
export function slotTaken(connection: Connection, cause?: unknown): ConnectorsError<'CONFLICT'> {
  return new ConnectorsError(
    'CONFLICT',
    `Tenant ${tenantText(connection.tenantId)} already has a connection to ` +
      `${connection.providerFamily}.${connection.providerName} in this slot.`,
    { cause },
  )
}

/** The foreign key of the user's relation refused a connection. */
export function tenantMissing({ tenantId }: Connection, cause: unknown): ConnectorsError<'INVALID_INPUT'> {
  return new ConnectorsError(
    'INVALID_INPUT',
    `There is no tenant ${tenantText(tenantId)}: the foreign key of the connections table refused it.`,
    { cause },
  )
}

/** The column keeps the tenant's id in another spelling, under which nothing sealed for this one would open. */
export function tenantRespelled(given: TenantId, kept: TenantId): ConnectorsError<'INVALID_TENANT_ID'> {
  return new ConnectorsError(
    'INVALID_TENANT_ID',
    `The database keeps the tenant id ${JSON.stringify(tenantText(given))} as ${JSON.stringify(tenantText(kept))}: use that spelling everywhere.`,
  )
}

/** A writer lost the lease of a sync state. */
export function leaseLost(ref: SyncStateRef<TenantId>): ConnectorsError<'LEASE_LOST'> {
  return new ConnectorsError(
    'LEASE_LOST',
    `The lease on ${ref.resourceType} of connection ${ref.connectionId} is no longer ours: another run took it over. Nothing was written.`,
  )
}

/** A worker lost the claim on a delivery. */
export function claimLost(ref: WebhookEventRef<TenantId>, attempt: number): ConnectorsError<'CLAIM_LOST'> {
  return new ConnectorsError(
    'CLAIM_LOST',
    `Delivery ${ref.id} is no longer processed under attempt ${attempt}: another attempt took it over. Nothing was written.`,
  )
}

/** A sync state was to begin on a connection that its tenant does not have. */
export function connectionMissing(id: string): ConnectorsError<'CONNECTION_NOT_FOUND'> {
  return new ConnectorsError('CONNECTION_NOT_FOUND', `This tenant has no connection ${id}.`)
}

/** A connection's deliveries belong to another tenant. */
export function foreignDelivery(connectionId: string): ConnectorsError<'STORE_FAILED'> {
  return new ConnectorsError(
    'STORE_FAILED',
    `Connection ${connectionId} has deliveries of another tenant; move them along with the connection.`,
  )
}

/** Somebody else had the store for as long as we were ready to wait. */
export function noTurn(maxWaitMs: number): ConnectorsError<'STORE_UNAVAILABLE'> {
  return new ConnectorsError(
    'STORE_UNAVAILABLE',
    `The store was busy with another transaction for ${maxWaitMs} ms. Try again, or raise transaction.maxWaitMs.`,
  )
}

/** Something was asked of a transaction that has ended. */
export function transactionOver(): ConnectorsError<'STORE_FAILED'> {
  return new ConnectorsError('STORE_FAILED', 'The transaction is over; nothing more can be done in it.')
}

/** PostgreSQL and MySQL may give a transaction up after an error, and say nothing at its end. */
export function transactionGivenUp(cause?: unknown): ConnectorsError<'STORE_FAILED'> {
  return new ConnectorsError(
    'STORE_FAILED',
    'A statement in this transaction failed, its error was caught, and the database had given the transaction up by then. ' +
      'Let such an error out, or avoid it: an insert that gives way to a taken key, or a savepoint around the statement.',
    { cause },
  )
}
