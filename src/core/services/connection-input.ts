import { describeIssues } from '../domain/describe-issues.ts'
import { ConnectorsError } from '../domain/errors.ts'
import type { AnyProvider } from '../domain/provider.ts'
import { isStorableText } from '../domain/storable-text.ts'
import type { ParsedSettings } from './connection-settings.ts'

/** Characters of a name: enough for people, and for a line in a list. */
const maxDisplayNameLength = 200

/** Answers credentials as the schema parses them. @throws {ConnectorsError} `INVALID_CREDENTIALS`. */
export async function checkCredentials(provider: AnyProvider, credentials: unknown): Promise<unknown> {
  const result = await provider.credentials.safeParseAsync(credentials)
  if (!result.success) throw invalid('INVALID_CREDENTIALS', 'credentials', provider, result.error.issues)
  return result.data
}

/** The settings as they are stored. @throws {ConnectorsError} `INVALID_SETTINGS`. */
export function requireSettings(provider: AnyProvider, parsed: ParsedSettings) {
  if (parsed.config !== null) return parsed
  throw invalid('INVALID_SETTINGS', 'settings', provider, parsed.issues)
}

function invalid(
  code: 'INVALID_CREDENTIALS' | 'INVALID_SETTINGS',
  what: string,
  provider: AnyProvider,
  issues: Parameters<typeof describeIssues>[0],
): ConnectorsError {
  return new ConnectorsError(code, `The ${what} don't fit the provider ${provider.name}: ${describeIssues(issues)}.`)
}

/** @throws {ConnectorsError} `INVALID_INPUT`. */
export function requireSecret(secret: string): string {
  if (typeof secret === 'string' && secret.trim() !== '') return secret
  throw new ConnectorsError(
    'INVALID_INPUT',
    'A webhook secret must be a non-empty string: without one, anybody could sign.',
  )
}

/** @throws {ConnectorsError} `INVALID_INPUT`. */
export function requireDisplayName(displayName: unknown): string {
  const isName =
    typeof displayName === 'string' &&
    displayName.trim() !== '' &&
    isStorableText(displayName) &&
    Array.from(displayName).length <= maxDisplayNameLength
  if (isName) return displayName
  throw new ConnectorsError(
    'INVALID_INPUT',
    `The displayName of a connection must be a non-empty string of at most ${maxDisplayNameLength} characters, without NUL or halves of surrogate pairs.`,
  )
}
