import type { Column, SQL, Table } from 'drizzle-orm'
import type { PgTransactionConfig } from 'drizzle-orm/pg-core'
import type { Connection } from '../../core/domain/connection.ts'
import type { ExecutionLog } from '../../core/domain/execution-log.ts'
import type { OAuthState } from '../../core/domain/oauth-state.ts'
import type { SyncState } from '../../core/domain/sync-state.ts'
import type { TenantId } from '../../core/domain/tenant.ts'
import type { WebhookEvent } from '../../core/domain/webhook-event.ts'

/** A Drizzle table by the rows that it holds. */
export type TableLike<Row extends object> = Table & { readonly [Name in keyof Row]-?: Column } & {
  readonly $inferSelect: Row
}

interface Records<T extends TenantId> {
  readonly connection: Connection<T>
  readonly syncState: SyncState<T>
  readonly webhookEvent: WebhookEvent<T>
  readonly executionLog: ExecutionLog<T>
  readonly oauthState: OAuthState<T>
}

/** The tables with the records of the domain as their rows. */
export type RecordTables<T extends TenantId> = { readonly [Name in keyof Records<T>]: TableLike<Records<T>[Name]> }

/** A record as Drizzle types it: it can't know which JSON and which texts we write. */
type Stored<Row> = Omit<Row, 'config' | 'payload' | 'headers' | 'status' | 'mode' | 'errorKind'> & {
  readonly [Name in keyof Row & ('config' | 'payload' | 'headers')]: unknown
} & { readonly [Name in keyof Row & ('status' | 'mode')]: string } & {
  readonly [Name in keyof Row & 'errorKind']: string | null
}

/** The tables that `connectorsTables` makes, in whichever dialect. */
export type ConnectorsTablesLike<T extends TenantId> = {
  readonly [Name in keyof Records<T>]: TableLike<Stored<Records<T>[Name]>>
}

/** Values to write: a column, an expression, or nothing. */
export type RowData<Row> = { readonly [Name in keyof Row]?: Row[Name] | SQL }

interface SelectLike<Row> extends PromiseLike<Row[]> {
  readonly where: (condition: SQL | undefined) => SelectLike<Row>
  readonly orderBy: (...order: SQL[]) => SelectLike<Row>
  readonly limit: (count: number) => SelectLike<Row>
}

interface WriteLike<Row> {
  readonly returning: {
    (): PromiseLike<Row[]>
    /** Only these columns, e.g. not the bodies. */
    (fields: { readonly id: Column }): PromiseLike<{ readonly id: string }[]>
  }
}

interface InsertLike<Row> extends WriteLike<Row>, PromiseLike<unknown> {
  readonly onConflictDoNothing: () => WriteLike<Row>
  readonly onConflictDoUpdate: (conflict: {
    target: Column[]
    set: RowData<Row>
    setWhere: SQL | undefined
  }) => WriteLike<Row>
}

/** The part of Drizzle's query builder that both dialects have in common, untied from their types. */
export interface QueriesLike {
  readonly select: {
    (): { readonly from: <Row extends object>(table: TableLike<Row>) => SelectLike<Row> }
    /** Rows of groups. */
    <Row extends object>(
      fields: { readonly [Name in keyof Row]: Column | SQL<Row[Name]> },
    ): {
      readonly from: (table: Table) => {
        readonly where: (condition: SQL | undefined) => { readonly groupBy: (column: Column) => PromiseLike<Row[]> }
      }
    }
  }
  readonly $count: (table: Table, condition: SQL | undefined) => PromiseLike<number>
  readonly insert: <Row extends object>(
    table: TableLike<Row>,
  ) => { readonly values: (rows: Row | Row[]) => InsertLike<Row> }
  readonly update: <Row extends object>(
    table: TableLike<Row>,
  ) => { readonly set: (data: RowData<Row>) => { readonly where: (condition: SQL | undefined) => WriteLike<Row> } }
  readonly delete: <Row extends object>(
    table: TableLike<Row>,
  ) => { readonly where: (condition: SQL | undefined) => WriteLike<Row> }
}

/** A database as the store sees it, whatever its dialect. */
export interface DrizzleHandle extends QueriesLike {
  readonly transaction: <R>(work: (tx: DrizzleHandle) => Promise<R>, config?: PgTransactionConfig) => Promise<R>
}

/** A Drizzle database over node-postgres or libSQL. */
export interface DrizzleDatabaseLike {
  readonly transaction: (work: (tx: unknown) => Promise<unknown>) => Promise<unknown>
  readonly $client: object
}

/** The database's transaction handle. */
export type TxOf<Db> = Db extends {
  readonly transaction: (work: (tx: infer Tx) => Promise<unknown>, ...rest: never[]) => unknown
}
  ? Tx
  : never
