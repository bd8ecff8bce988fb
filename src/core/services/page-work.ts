import type { PageHandlerOf, SweepContext } from '../domain/handlers.ts'
import type { SyncGuarantee } from '../domain/sync-result.ts'
import type { TenantId } from '../domain/tenant.ts'
import type { AnyHandler } from './prepare-handler.ts'

/** Any page handler, seen from the inside: its contexts were typed where it was registered. */
export type AnyPageHandler = PageHandlerOf<object, TenantId, unknown>

/** A page handler in parts, each to be prepared and then run in the transaction. */
export interface PageWork {
  readonly guarantee: SyncGuarantee
  readonly page: AnyHandler
  readonly sweep: AnyHandler | null
}

/** What {@link isPageHandler} asks for, for people. */
export const pageHandlerShape =
  'a function, or an object with one of onPage(), prepare() and atLeastOnce: { onPage() }, and perhaps onSweep()'

/** Whether a value is a page handler. */
export function isPageHandler(value: unknown): value is AnyPageHandler {
  if (typeof value === 'function') return true
  if (!isObject(value) || hasOther(value, ['prepare', 'onPage', 'atLeastOnce', 'onSweep'])) return false
  const ways = ['prepare', 'onPage', 'atLeastOnce'].filter((way) => value[way] !== undefined)
  if (ways.length !== 1) return false
  if (ways[0] !== 'atLeastOnce') return isFunction(value[String(ways[0])]) && isFunctionOrAbsent(value.onSweep)
  const { atLeastOnce, onSweep } = value
  return (
    isObject(atLeastOnce) &&
    !hasOther(atLeastOnce, ['onPage', 'onSweep']) &&
    isFunction(atLeastOnce.onPage) &&
    isFunctionOrAbsent(atLeastOnce.onSweep) &&
    onSweep === undefined
  )
}

/** The parts of a page handler. */
export function toPageWork(handler: AnyPageHandler): PageWork {
  if (typeof handler === 'function') return { guarantee: 'exactly-once', page: handler, sweep: null }
  if ('atLeastOnce' in handler) {
    const { atLeastOnce } = handler
    return {
      guarantee: 'at-least-once',
      page: outside((context) => atLeastOnce.onPage(context)),
      sweep: atLeastOnce.onSweep === undefined ? null : outside(async (sweep) => atLeastOnce.onSweep?.(sweep)),
    }
  }
  return {
    guarantee: 'exactly-once',
    page: 'onPage' in handler ? (context) => handler.onPage(context) : handler,
    sweep: handler.onSweep === undefined ? null : async (sweep) => handler.onSweep?.(asSweep(sweep)),
  }
}

/** All of it before the transaction, and nothing inside. */
function outside(work: (context: SweepContext<TenantId>) => Promise<void>): AnyHandler {
  return {
    prepare: async (context) => {
      await work(asSweep(context))
      return async () => {}
    },
  }
}

/** The page step gives each part the context of its kind; only the types have forgotten which. */
function asSweep<C extends object>(context: C): C & SweepContext<TenantId> {
  return context as C & SweepContext<TenantId>
}

const isFunction = (value: unknown) => typeof value === 'function'
const isFunctionOrAbsent = (value: unknown) => value === undefined || isFunction(value)

/** A misspelled onSweep would never be called. Instances of classes may have members of their own. */
function hasOther(value: object, names: readonly string[]): boolean {
  return Object.getPrototypeOf(value) === Object.prototype && Object.keys(value).some((name) => !names.includes(name))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
