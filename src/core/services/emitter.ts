import mitt from 'mitt'
import { ConnectorsError } from '../domain/errors.ts'
import { type ConnectorEvents, type EventName, eventNames, type Listener } from '../domain/events.ts'
import { kindOf } from '../domain/kind-of.ts'
import { ownCopy } from '../domain/own-copy.ts'
import type { TenantId } from '../domain/tenant.ts'
import type { Logger } from '../ports/logger.ts'

/** Tells listeners about events, and keeps their failures to themselves. */
export interface Emitter<T extends TenantId> {
  readonly emit: <Name extends EventName>(name: Name, event: ConnectorEvents<T>[Name]) => void
  readonly on: <Name extends EventName>(name: Name, listener: Listener<T, Name>) => () => void
}

/** Events kept back until the transaction they tell about has committed. */
export interface HeldEvents<T extends TenantId> {
  readonly emitter: Pick<Emitter<T>, 'emit'>
  /** Emits what was held, in order. */
  readonly release: () => void
}

/** An emitter on mitt, whose own types don't load under NodeNext and which stops at the first listener that throws. */
export function createEmitter<T extends TenantId>(logger: Logger): Emitter<T> {
  type Bus = {
    on: (name: string, listener: (event: never) => void) => void
    off: (name: string, listener: (event: never) => void) => void
    emit: (name: string, event: unknown) => void
  }
  const bus = (mitt as unknown as () => Bus)()
  return {
    emit: (name, event) => bus.emit(name, event),
    on: (name, listener) => {
      if (!eventNames.includes(name)) {
        throw new ConnectorsError(
          'INVALID_INPUT',
          `There is no event ${JSON.stringify(name)}. There are: ${eventNames.join(', ')}.`,
        )
      }
      if (typeof listener !== 'function') {
        throw new ConnectorsError('INVALID_INPUT', `A listener must be a function, not ${kindOf(listener)}.`)
      }
      const report = (error: unknown) => logger.error({ err: error, event: name }, 'a listener failed')
      const isolated = (event: ConnectorEvents<T>[typeof name]) => {
        try {
          // Frozen instead of copied, its dates could still be changed.
          Promise.resolve(listener(ownCopy(event))).catch(report)
        } catch (error) {
          report(error)
        }
      }
      bus.on(name, isolated)
      return () => bus.off(name, isolated)
    },
  }
}

/** Holds events back for a transaction. */
export function holdEvents<T extends TenantId>(emitter: Emitter<T>): HeldEvents<T> {
  const held: (() => void)[] = []
  return {
    emitter: { emit: (name, event) => held.push(() => emitter.emit(name, event)) },
    release: () => {
      for (const emit of held.splice(0)) emit()
    },
  }
}
