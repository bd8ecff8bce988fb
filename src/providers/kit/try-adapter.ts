import type { AdapterParts } from './define-provider.ts'

/**
 * Makes an adapter without a connection, to look at its methods: `adapter` does no I/O and only hands on what it is given.
 * `null` where it can't do without real values.
 */
export function tryAdapter<A, Credentials, Settings>(
  make: (parts: AdapterParts<Credentials, Settings>) => A,
): { readonly adapter: A } | null {
  try {
    // The stand-in takes the place of any value.
    const parts = { http: standIn, httpAt: standIn, credentials: standIn, settings: standIn, now: () => new Date(0) }
    return { adapter: make(parts as AdapterParts<Credentials, Settings>) }
  } catch {
    return null
  }
}

/** Stands for anything: has every member, can be called and listed (it is empty), and reads as a text. */
const standIn: unknown = new Proxy(() => {}, {
  get: (_target, key) => {
    // An object with `then` is taken for a promise by every `await`.
    if (key === 'then') return undefined
    if (key === Symbol.toPrimitive) return () => 'stand-in'
    if (key === Symbol.iterator) return function* () {}
    return standIn
  },
  apply: () => standIn,
  construct: () => standIn as object,
})
