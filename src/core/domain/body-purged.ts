import { ConnectorsError } from './errors.ts'

/** The error about a delivery whose body was removed. */
export function bodyPurged(eventId: string): ConnectorsError<'BODY_PURGED'> {
  return new ConnectorsError(
    'BODY_PURGED',
    `The body of webhook event ${eventId} was removed because of its age: it can't be processed any more.`,
  )
}
