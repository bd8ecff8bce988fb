import type { AnyProvider, Connectors, Json, Repositories, TenantId } from 'bapp-connectors'
import type { Query } from './django-rows.ts'

/** What a migration needs to know. */
export interface Migration<T extends TenantId, Tx> {
  /** Reads Django's database. */
  readonly query: Query
  /** Where the rows go. */
  readonly repositories: Repositories<T, Tx>
  /** Over the same repositories, with the Fernet key among its keys. */
  readonly connectors: Connectors<AnyProvider, T, Tx>
  readonly providers: readonly AnyProvider[]
  /** The tenant that a foreign key of yours names. */
  readonly toTenantId: (foreignKey: string) => T
  /** The column of that foreign key; default `company_id`. */
  readonly tenantColumn?: string
  /** What the tables begin with: the label of your Django application; default `connectors`. */
  readonly appLabel?: string
  /** What your provider makes of a cursor of Django's; default: the text itself. */
  readonly toCursor?: (cursor: string, at: { readonly provider: AnyProvider; readonly resource: string }) => Json
  /** The present. */
  readonly now: Date
}

/** A connection of Django's, and what it has become. */
export interface Moved<T extends TenantId> {
  readonly id: string
  readonly tenantId: T
  readonly provider: AnyProvider
}

/** What became of the rows of one table. */
export interface Tally {
  moved: number
  /** Were moved before. */
  known: number
  /** What somebody has to look at. Holds no secret. */
  readonly problems: { readonly id: string; readonly problem: string }[]
}

/** Nothing yet. */
export function newTally(): Tally {
  return { moved: 0, known: 0, problems: [] }
}
