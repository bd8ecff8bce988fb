import type { Adapter } from '../domain/provider.ts'
import type { TenantId } from '../domain/tenant.ts'
import type { OpenedAdapter } from './adapter-factory.ts'
import type { Operation } from './operation.ts'
import type { RunOperation } from './run-operation.ts'
import { withoutSecrets } from './without-secrets.ts'

type Method = (...args: unknown[]) => unknown

/** Runs a step; the lifecycle's `verb`, so that a held adapter is refused after close and inside transactions. */
type Verb = <R>(name: string, work: () => Promise<R>) => Promise<R>

/**
 * The adapter that users hold: the same methods, each behind the door. A generator passes it once per step, and stays with
 * the credentials it began with.
 */
export function bindAdapter<T extends TenantId>(
  opened: OpenedAdapter,
  target: Pick<Operation<T>, 'scope' | 'connectionId'>,
  runOperation: RunOperation<T>,
  verb: Verb,
): Adapter {
  const step = <R>(
    action: string,
    pinned: OpenedAdapter | undefined,
    call: (adapter: Adapter, opened: OpenedAdapter) => Promise<R>,
  ) =>
    verb(`The adapter method ${action}`, () =>
      runOperation({ ...target, action, read: 'copy', ...(pinned && { opened: pinned }) }, (context) =>
        call(context.adapter, context.opened),
      ),
    )

  const bindMethod = (name: string): Method =>
    isGeneratorFunction(opened.adapter[name])
      ? (...args) => generate(name, args)
      : (...args) => step(name, undefined, async (adapter) => methodOf(adapter, name).apply(adapter, args))

  async function* generate(name: string, args: unknown[]) {
    let pinned: OpenedAdapter | undefined
    let iterator: AsyncGenerator<unknown, unknown, unknown> | undefined
    let sent: unknown
    try {
      for (;;) {
        const next = await step(name, pinned, (adapter, current) => {
          if (pinned !== current || iterator === undefined) {
            pinned = current
            // isGeneratorFunction() said what the method returns.
            iterator = methodOf(adapter, name).apply(adapter, args) as AsyncGenerator<unknown, unknown, unknown>
          }
          return iterator.next(sent)
        })
        if (next.done === true) return next.value
        sent = yield next.value
      }
    } finally {
      if (pinned !== undefined && iterator !== undefined) await end(name, pinned, iterator)
    }
  }

  /** Lets the provider clean up, even where the gate has closed meanwhile. */
  const end = async (action: string, pinned: OpenedAdapter, iterator: AsyncGenerator<unknown, unknown, unknown>) => {
    try {
      await pinned.run({ action, runId: null, signal: null }, () => iterator.return(undefined))
    } catch (error) {
      throw withoutSecrets(error, pinned.redactor, pinned.provider.name)
    }
  }

  // The methods keep their names and signatures; only what is around them is new.
  return Object.fromEntries(Object.keys(opened.adapter).map((name) => [name, bindMethod(name)])) as unknown as Adapter
}

function methodOf(adapter: Adapter, name: string): Method {
  // Arguments are passed through as they came; the types of the public adapter have checked them.
  return adapter[name] as unknown as Method
}

function isGeneratorFunction(method: unknown): boolean {
  return Object.prototype.toString.call(method) === '[object AsyncGeneratorFunction]'
}
