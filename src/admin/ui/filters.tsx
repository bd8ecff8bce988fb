import { link, type Query, tenantParameter, type Visit } from '../visit.ts'

/** A filter of a list. */
export type Filter =
  | {
      readonly kind: 'choice'
      readonly name: string
      readonly label: string
      readonly options: readonly (readonly [value: string, label: string])[]
    }
  | { readonly kind: 'text'; readonly name: string; readonly label: string; readonly hint?: string }

/** What a list is filtered by: the parameters that are filled in. */
export function filterQuery({ query }: Pick<Visit, 'query'>, filters: readonly Filter[]): Query {
  return Object.fromEntries(filters.map(({ name }) => [name, query.get(name)]))
}

/** A form for the filters of a list; without a script it is sent by its button, with one by every change. */
export function Filters({ visit, filters }: { visit: Visit; filters: readonly Filter[] }) {
  const tenant = tenantParameter(visit.sight)
  const isFiltered = filters.some(({ name }) => visit.query.get(name))
  return (
    <form class="filters" method="get" action={`${visit.basePath}${visit.path}`} data-live="" aria-label="Filters">
      {tenant === null ? null : <input type="hidden" name="tenant" value={tenant} />}
      {filters.map((filter) => (
        <div class="filter">
          <label for={`filter-${filter.name}`}>{filter.label}</label>
          {filter.kind === 'choice' ? (
            <select id={`filter-${filter.name}`} name={filter.name}>
              <option value="">Any</option>
              {filter.options.map(([value, label]) => (
                <option value={value} selected={visit.query.get(filter.name) === value}>
                  {label}
                </option>
              ))}
            </select>
          ) : (
            <input
              type="search"
              id={`filter-${filter.name}`}
              name={filter.name}
              maxlength={200}
              value={visit.query.get(filter.name) ?? ''}
              placeholder={filter.hint ?? ''}
            />
          )}
        </div>
      ))}
      <div class="filter-buttons">
        <button type="submit">Apply</button>
        {isFiltered ? <a href={link(visit, visit.path)}>Clear</a> : null}
      </div>
    </form>
  )
}
