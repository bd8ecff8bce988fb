import { ConnectorsError } from '../../core/domain/errors.ts'
import { storableText } from '../../core/domain/storable-text.ts'

// What a column of MySQL promises to keep; PostgreSQL and SQLite have more, but their drivers read other years wrongly.
const [firstInstant, lastInstant] = [Date.parse('1000-01-01T00:00:00.000Z'), Date.parse('9999-12-31T23:59:59.999Z')]

/**
 * What every database can hold of a value, at any depth: texts and the names of members lose NUL, and halves of surrogate
 * pairs are replaced.
 *
 * @throws {ConnectorsError} `INVALID_INPUT` for an instant outside of the years 1000 to 9999.
 */
export function storable(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  if (value instanceof Date) return storableInstant(value)
  if (Array.isArray(value)) return value.map(storable)
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [storableText(name), storable(member)]))
}

function storableInstant(instant: Date): Date {
  const ms = instant.getTime()
  if (ms >= firstInstant && ms <= lastInstant) return instant
  const year = Number.isNaN(ms) ? 'an invalid date' : `one of the year ${instant.getUTCFullYear()}`
  throw new ConnectorsError(
    'INVALID_INPUT',
    `An instant must lie in the years 1000 to 9999 to be stored; this is ${year}.`,
  )
}
