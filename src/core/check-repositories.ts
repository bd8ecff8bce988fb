import { ConnectorsError } from './domain/errors.ts'
import type { Repositories } from './ports/repositories.ts'

const parts: readonly (keyof Repositories)[] = [
  'connections',
  'syncStates',
  'webhookEvents',
  'executionLogs',
  'oauthStates',
  'transaction',
]

/**
 * Checks that what was passed as repositories looks like some: a database client in their place is a common mistake.
 *
 * @throws {ConnectorsError} `INVALID_OPTIONS`.
 */
export function checkRepositories(repositories: unknown): void {
  const lacks = parts.filter(
    (part) =>
      typeof repositories !== 'object' ||
      repositories === null ||
      (repositories as Partial<Repositories>)[part] == null,
  )
  if (lacks.length === 0) return
  throw new ConnectorsError(
    'INVALID_OPTIONS',
    `createConnectors: the first argument must be repositories, but it lacks ${lacks.join(', ')}. Wrap your database client, e.g. prismaRepositories(prisma), or use memoryRepositories().`,
  )
}
