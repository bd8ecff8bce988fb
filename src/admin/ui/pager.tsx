import type { Page } from '../../core/domain/page.ts'
import { link, type Query, type Visit } from '../visit.ts'

/** The ways to the next page and back to the first; nothing where there is but one. */
export function Pager({ visit, page, query = {} }: { visit: Visit; page: Pick<Page<unknown>, 'next'>; query?: Query }) {
  const isFirst = !visit.query.get('after')
  if (isFirst && page.next === null) return null
  return (
    <nav class="pager" aria-label="Pages">
      {isFirst ? <span /> : <a href={link(visit, visit.path, query)}>First page</a>}
      {page.next === null ? (
        <span class="muted">That is all.</span>
      ) : (
        <a class="button" rel="next" href={link(visit, visit.path, { ...query, after: page.next })}>
          Next page
        </a>
      )}
    </nav>
  )
}
