import { ConnectorsError } from '../domain/errors.ts'
import type { HandledTypes } from '../domain/handled-types.ts'
import { type AnyHandler, isHandler } from './prepare-handler.ts'

/** The webhook handlers of the process. */
export interface WebhookHandlerRegistry {
  /** Adds a handler; answers a function that removes it. @throws {ConnectorsError} `INVALID_INPUT` for a bad pattern or handler. */
  readonly add: (pattern: string, handler: unknown) => () => void
  /** The handlers of an event type, in the order in which they were added. */
  readonly matching: (eventType: string) => readonly { readonly pattern: string; readonly handler: AnyHandler }[]
  /** The patterns of the handlers, each once. */
  readonly patterns: () => readonly string[]
  /** What there are handlers for. */
  readonly handled: () => HandledTypes
}

/** An empty registry. */
export function createWebhookHandlers(): WebhookHandlerRegistry {
  const registered = new Set<{ readonly pattern: string; readonly handler: AnyHandler }>()
  const patterns = () => [...new Set([...registered].map(({ pattern }) => pattern))]
  return {
    patterns,
    add: (pattern, handler) => {
      if (typeof pattern !== 'string' || !/^(\*|[^*\s]+(\.\*)?)$/.test(pattern)) {
        throw new ConnectorsError(
          'INVALID_INPUT',
          `${JSON.stringify(pattern)} is no event type. Use a type (issues.opened), a group (issues.*) or everything (*).`,
        )
      }
      if (!isHandler(handler)) {
        throw new ConnectorsError(
          'INVALID_INPUT',
          `The handler of ${pattern} must be a function or an object with prepare().`,
        )
      }
      const entry = { pattern, handler }
      registered.add(entry)
      return () => void registered.delete(entry)
    },
    handled: () => {
      const all = patterns()
      if (all.includes('*')) return 'all'
      const isGroup = (pattern: string) => pattern.endsWith('.*')
      return {
        types: all.filter((pattern) => !isGroup(pattern)),
        groups: all.filter(isGroup).map((pattern) => pattern.slice(0, -1)),
      }
    },
    matching: (eventType) => [...registered].filter(({ pattern }) => matches(pattern, eventType)),
  }
}

function matches(pattern: string, eventType: string): boolean {
  if (pattern === '*') return true
  return pattern.endsWith('.*') ? eventType.startsWith(pattern.slice(0, -1)) : pattern === eventType
}
