import type { PauseRequest } from '../connectors.ts'
import { ConnectorsError } from '../domain/errors.ts'
import { anything, checkFields, type FieldCheck, text } from './check-fields.ts'

/** Databases keep no later year. */
const latestEnd = Date.UTC(10_000, 0)

const pauseFields = {
  untilAt: { is: (value) => value instanceof Date, mustBe: 'a Date' },
  forMs: anything,
  reason: text,
} satisfies Record<keyof PauseRequest, FieldCheck>

/** When a pause that is asked for ends. @throws {ConnectorsError} `INVALID_INPUT`, saying what is wrong. */
export function pauseEnd(request: PauseRequest, at: Date): Date {
  checkFields('The change of connections.pause', request, pauseFields)
  const { untilAt, forMs } = request
  if ((untilAt === undefined) === (forMs === undefined)) {
    throw new ConnectorsError(
      'INVALID_INPUT',
      'connections.pause needs either untilAt (a Date) or forMs (milliseconds). To turn a connection off for good, call connections.disable().',
    )
  }
  const end = untilAt?.getTime() ?? (typeof forMs === 'number' ? at.getTime() + forMs : Number.NaN)
  if (end > at.getTime() && end < latestEnd) return new Date(Math.ceil(end))
  throw new ConnectorsError(
    'INVALID_INPUT',
    untilAt === undefined
      ? 'The forMs of connections.pause must be a number of milliseconds above 0.'
      : 'The untilAt of connections.pause must be an instant in the future.',
  )
}
