import { invalidProvider } from './invalid-provider.ts'

const kinds: ReadonlySet<string> = new Set(['[object AsyncFunction]', '[object AsyncGeneratorFunction]'])

/**
 * Refuses adapters that could be called past the gate, the breaker and the audit log: everything must be an own async
 * function or async generator of a plain object. Refuses those too that lack a required method.
 *
 * @throws {ConnectorsError} `INVALID_PROVIDER`, naming the method.
 */
export function checkAdapter(who: string, adapter: unknown, required: readonly string[]): void {
  const refuse = (mistake: string) => invalidProvider(who, mistake)
  if (typeof adapter !== 'object' || adapter === null) throw refuse('`adapter` must return an object of async methods')
  const prototype: unknown = Object.getPrototypeOf(adapter)
  if (prototype !== null && prototype !== Object.prototype) {
    throw refuse('`adapter` must return a plain object; the methods of a class instance can not be guarded')
  }
  for (const key of Reflect.ownKeys(adapter)) {
    const method: unknown = Object.getOwnPropertyDescriptor(adapter, key)?.value
    if (typeof key === 'symbol' || typeof method !== 'function' || !kinds.has(Object.prototype.toString.call(method))) {
      throw refuse(
        `the adapter's \`${String(key)}\` is not an async function or an async generator. Declare it as ` +
          `\`async ${String(key)}() { … }\` (and compile to ES2018 or later, so that it stays one)`,
      )
    }
    // An object with `then` is taken for a promise by every `await`.
    if (key === 'then') throw refuse('an adapter can not have a method named `then`')
  }
  for (const method of required) {
    if (!Object.hasOwn(adapter, method)) {
      throw refuse(`\`implements\` names the method \`${method}\`, which the adapter doesn't have`)
    }
  }
}
