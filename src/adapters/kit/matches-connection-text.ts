import type { Connection } from '../../core/domain/connection.ts'

/** Whether a text is part of a connection's name, or is its id or its account. */
export function matchesConnectionText(
  { displayName, id, externalAccountId }: Pick<Connection, 'displayName' | 'id' | 'externalAccountId'>,
  text: string,
): boolean {
  return displayName.includes(text) || id === text || externalAccountId === text
}
