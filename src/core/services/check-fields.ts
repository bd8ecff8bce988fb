import { ConnectorsError } from '../domain/errors.ts'
import { kindOf } from '../domain/kind-of.ts'

/** What a field of an input has to be. */
export interface FieldCheck {
  readonly is: (value: unknown) => boolean
  /** Follows "must be", e.g. `a whole number from 1`. */
  readonly mustBe: string
}

/** A text. */
export const text: FieldCheck = { is: (value) => typeof value === 'string', mustBe: 'a string' }

const longestSearch = 200

/** What is searched for. */
export const searchText: FieldCheck = {
  is: (value) => typeof value === 'string' && value !== '' && value.length <= longestSearch,
  mustBe: `a text of 1 to ${longestSearch} characters`,
}

/** A point in time. */
export const instant: FieldCheck = {
  is: (value) => value instanceof Date && !Number.isNaN(value.getTime()),
  mustBe: 'a valid Date',
}

/** `true` or `false`. */
export const flag: FieldCheck = { is: (value) => typeof value === 'boolean', mustBe: 'true or false' }

/** A whole number, at least 1. */
export const wholeNumber: FieldCheck = {
  is: (value) => Number.isInteger(value) && Number(value) >= 1,
  mustBe: 'a whole number from 1',
}

/** A signal that stops something. */
export const abortSignal: FieldCheck = { is: isAbortSignal, mustBe: 'an AbortSignal' }

/** Anything: what is checked elsewhere, in words of its own. */
export const anything: FieldCheck = { is: () => true, mustBe: 'anything' }

/**
 * Checks an object that came from outside: JavaScript and JSON know no types, and a field whose name is mistyped would
 * be ignored. A field that is `undefined` counts as absent.
 *
 * @param what - what the object is, as the subject of a sentence: `The filter of connections.list`.
 * @throws {ConnectorsError} `INVALID_INPUT`, naming the field and what there is, and never a value.
 */
export function checkFields(what: string, input: unknown, fields: Readonly<Record<string, FieldCheck>>): void {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw invalid(`${what} must be an object, not ${kindOf(input)}`)
  }
  for (const [name, value] of Object.entries(input)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (field === undefined) {
      throw invalid(
        `${what} has the unknown key ${JSON.stringify(name)}; it may have: ${Object.keys(fields).join(', ')}`,
      )
    }
    if (value !== undefined && !field.is(value)) {
      throw invalid(`${what} has a wrong ${name}: it must be ${field.mustBe}, not ${kindOf(value)}`)
    }
  }
}

function invalid(message: string): ConnectorsError {
  return new ConnectorsError('INVALID_INPUT', `${message}.`)
}

/** By what it can do: there are others than the global class. */
function isAbortSignal(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { aborted, addEventListener, removeEventListener } = value as Partial<AbortSignal>
  return (
    typeof aborted === 'boolean' && typeof addEventListener === 'function' && typeof removeEventListener === 'function'
  )
}
