import type { Adapter, AnyProvider, Resource } from '../domain/provider.ts'
import type { SyncProgress } from '../domain/sync-result.ts'
import type { RunBudget } from '../sync-verbs.ts'
import { abortSignal, anything, checkFields, type FieldCheck, wholeNumber } from './check-fields.ts'
import { type AnyPageHandler, isPageHandler, pageHandlerShape } from './page-work.ts'

/** The options of a run, for any provider. */
export interface AnyRunOptions extends RunBudget {
  readonly provider?: AnyProvider
  readonly fetch?: Resource<Adapter, unknown>['fetch']
  readonly stateKey?: string
  readonly onPage?: AnyPageHandler
  readonly maxRejected?: number
  readonly onProgress?: (progress: SyncProgress) => unknown
}

/**
 * Checks the options of a run.
 *
 * @throws {ConnectorsError} `INVALID_INPUT`, naming the option.
 */
export function readRunOptions(options: object): AnyRunOptions {
  checkFields('The options of a run', options, runFields)
  // Every field has just been checked.
  return options as AnyRunOptions
}

/** As {@link readRunOptions}, of one page. */
export function readPageOptions(options: object): AnyRunOptions {
  checkFields('The options of a page', options, pageFields)
  // Likewise.
  return options as AnyRunOptions
}

const isFunction = (value: unknown) => typeof value === 'function'

const pageFields = {
  signal: abortSignal,
  // What it has to be depends on the connection.
  provider: anything,
  fetch: { is: isFunction, mustBe: 'a function' },
  stateKey: {
    is: (value) => typeof value === 'string' && /^[^:]+:[a-z0-9][a-z0-9._-]{0,62}$/.test(value),
    mustBe:
      'a text like "resource:name", its name of at most 63 lower-case letters, digits, dots, dashes and underscores',
  },
  onPage: { is: isPageHandler, mustBe: `a handler: ${pageHandlerShape}` },
  maxRejected: { is: (value) => Number.isInteger(value) && Number(value) >= 0, mustBe: 'a whole number from 0' },
} satisfies Partial<Record<keyof AnyRunOptions, FieldCheck>>

const runFields = {
  maxPages: wholeNumber,
  maxMs: { is: (value) => typeof value === 'number' && value > 0, mustBe: 'a number of milliseconds, more than 0' },
  ...pageFields,
  onProgress: { is: isFunction, mustBe: 'a function' },
} satisfies Record<keyof AnyRunOptions, FieldCheck>
