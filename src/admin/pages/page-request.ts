import type { PageRequest } from '../../core/domain/page.ts'
import type { Visit } from '../visit.ts'

/** Rows of a page of a list. */
const rowsPerPage = 50

/** Which page of a list is asked for. */
export function pageRequest({ query }: Pick<Visit, 'query'>): PageRequest {
  return { after: query.get('after') || null, limit: rowsPerPage }
}
