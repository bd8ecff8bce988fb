import { isConnectorsError } from '../core/domain/errors.ts'
import { TenantNotVisible } from './sight.ts'
import { WriteRefused } from './write-refused.ts'

/** Why a page could not be shown, for people. */
export interface DescribedFailure {
  readonly status: number
  readonly title: string
  readonly text: string
}

/** What an error means to whoever asked for a page. What isn't the library's own is not told: nobody knows what is in it. */
export function describeFailure(error: unknown): DescribedFailure {
  if (error instanceof TenantNotVisible) {
    return { status: 404, title: 'No such tenant', text: 'There is no such tenant, or you may not look at it.' }
  }
  if (error instanceof WriteRefused) {
    return { status: 403, title: 'Nothing was done', text: error.message }
  }
  if (!isConnectorsError(error)) {
    return { status: 500, title: 'Something went wrong', text: 'The page could not be made. The log says more.' }
  }
  switch (error.code) {
    case 'CONNECTION_NOT_FOUND':
    case 'CONNECTION_DELETED':
      return {
        status: 404,
        title: 'No such connection',
        text: 'It does not exist, was deleted, or you may not look at it.',
      }
    case 'WEBHOOK_EVENT_NOT_FOUND':
      return {
        status: 404,
        title: 'No such webhook',
        text: 'It does not exist, was removed, or you may not look at it.',
      }
    case 'STORE_UNAVAILABLE':
      return { status: 503, title: 'The database does not answer', text: 'Nothing is lost. Try again in a moment.' }
    case 'CLOSED':
      return { status: 503, title: 'This process is closing', text: 'Try again in a moment.' }
    case 'INVALID_INPUT':
    case 'INVALID_TENANT_ID':
      return { status: 400, title: 'That is not a valid question', text: error.message }
    default:
      return { status: 500, title: 'Something went wrong', text: error.message }
  }
}
