import type { AdapterCall } from '../domain/adapter-call.ts'
import { ConnectorsError } from '../domain/errors.ts'
import type { Adapter } from '../domain/provider.ts'
import { refuseDeleted } from '../domain/refuse-deleted.ts'
import { isCursor } from '../domain/sync-state.ts'
import type { Scope, TenantId } from '../domain/tenant.ts'
import type { AdapterFactory, OpenedAdapter } from './adapter-factory.ts'
import { abortSignal, checkFields, type FieldCheck, text } from './check-fields.ts'
import type { GateCopies } from './gate-copies.ts'
import type { Lifecycle } from './lifecycle.ts'
import { linkAbort } from './linked-abort.ts'
import type { RunOperation } from './run-operation.ts'
import { untilAborted } from './until-aborted.ts'
import { holdsNoSecret } from './without-secrets.ts'

/** Calls of adapters that are written down before they are made. */
export interface AdapterCalls<T extends TenantId> {
  readonly call: (
    scope: Scope<T>,
    id: string,
    call: AdapterCall & { readonly signal?: AbortSignal },
  ) => Promise<unknown>
  readonly check: (scope: Scope<T>, id: string, call: AdapterCall) => Promise<void>
}

const jsonList: FieldCheck = {
  is: (value) => Array.isArray(value) && isCursor(value),
  mustBe: 'a list of values that JSON keeps as they are (no dates, functions or undefined)',
}
const callFields = { method: text, args: jsonList } satisfies Record<keyof AdapterCall, FieldCheck>

/** The calls, through the one door to provider code. */
export function createAdapterCalls<T extends TenantId>({
  copies,
  adapters,
  runOperation,
  lifecycle,
}: {
  readonly copies: GateCopies<T>
  readonly adapters: Pick<AdapterFactory<T>, 'open'>
  readonly runOperation: RunOperation<T>
  readonly lifecycle: Pick<Lifecycle, 'signal'>
}): AdapterCalls<T> {
  const open = async (scope: Scope<T>, id: string, method: string): Promise<OpenedAdapter> => {
    const opened = await adapters.open(refuseDeleted(await copies.readFresh(scope, id)))
    methodOf(opened.adapter, method, opened.provider.name)
    return opened
  }

  return {
    check: async (scope, id, call) => {
      checkFields('The call', call, callFields)
      const { redactor } = await open(scope, id, call.method)
      if (holdsNoSecret(call.args, redactor)) return
      throw new ConnectorsError(
        'INVALID_INPUT',
        `The arguments of ${call.method} hold a secret of connection ${id}; they would be kept in the open.`,
      )
    },
    call: async (scope, id, call) => {
      checkFields('The call', call, { ...callFields, signal: abortSignal })
      const { method, args } = call
      await open(scope, id, method)
      const { signal, unlink } = linkAbort([call.signal, lifecycle.signal])
      try {
        // What was read above is the copy.
        const operation = { scope, connectionId: id, action: method, read: 'copy', signal } as const
        return await runOperation(operation, ({ adapter, provider }) =>
          untilAborted(signal, () => methodOf(adapter, method, provider.name)(...args)),
        )
      } finally {
        unlink()
      }
    },
  }
}

function methodOf(adapter: Adapter, name: string, provider: string): (...args: unknown[]) => Promise<unknown> {
  const method: unknown = Object.hasOwn(adapter, name) ? adapter[name] : undefined
  if (Object.prototype.toString.call(method) === '[object AsyncFunction]') {
    // The provider's own method reads the arguments; what it makes of them is its business.
    return (...args) => (method as (...given: unknown[]) => Promise<unknown>).apply(adapter, args)
  }
  const names = Object.keys(adapter).join(', ')
  const why = method === undefined ? 'has no method' : 'has as a generator, which yields step by step,'
  throw new ConnectorsError(
    'INVALID_INPUT',
    `The adapter of ${provider} ${why} ${JSON.stringify(name)}. It has: ${names}.`,
  )
}
