import type { Connection } from './connection.ts'
import { ConnectorsError } from './errors.ts'
import type { AnyProvider } from './provider.ts'

/** @throws {ConnectorsError} `INVALID_INPUT` when the connection is to another provider than the caller says. */
export function requireProviderOf(connection: Connection, provider: AnyProvider): void {
  if (provider?.family === connection.providerFamily && provider.name === connection.providerName) return
  throw new ConnectorsError(
    'INVALID_INPUT',
    `Connection ${connection.id} is to ${connection.providerName}, not to ${provider?.name}. Pass the provider it was created with.`,
  )
}
