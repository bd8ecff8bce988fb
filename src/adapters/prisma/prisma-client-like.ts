import type { Connection } from '../../core/domain/connection.ts'
import type { ExecutionLog } from '../../core/domain/execution-log.ts'
import type { JsonObject } from '../../core/domain/json.ts'
import type { OAuthState } from '../../core/domain/oauth-state.ts'
import type { SyncState } from '../../core/domain/sync-state.ts'
import type { TenantId } from '../../core/domain/tenant.ts'
import type { WebhookEvent } from '../../core/domain/webhook-event.ts'

/** A connection as Prisma reads it. */
export type ConnectionRow<T extends TenantId> = Omit<Connection<T>, 'config'> & { readonly config: unknown }

/** A sync state as Prisma reads it. */
export type SyncStateRow<T extends TenantId> = Omit<SyncState<T>, 'status' | 'mode' | 'itemsSynced'> & {
  readonly status: string
  readonly mode: string
  readonly itemsSynced: bigint
}

/** A webhook event as Prisma reads it. */
export type WebhookEventRow<T extends TenantId> = Omit<
  WebhookEvent<T>,
  'payload' | 'headers' | 'status' | 'errorKind'
> & {
  readonly payload: unknown
  readonly headers: unknown
  readonly status: string
  readonly errorKind: string | null
}

/** A webhook event as Prisma writes it: an absent payload is SQL NULL. */
export type WebhookEventInput<T extends TenantId> = Omit<WebhookEvent<T>, 'payload' | 'rawBody' | 'headers'> & {
  readonly payload?: Exclude<WebhookEvent['payload'], null>
  readonly headers: JsonObject
  readonly rawBody: Uint8Array<ArrayBuffer>
}

// Distributes over `V | null`; booleans are only ever compared for equality.
type Comparison<V> =
  | V
  | (V extends string
      ?
          | { in: string[] }
          | { notIn: string[] }
          | { gt: string }
          | { lt: string }
          | { startsWith: string }
          | { contains: string }
      : V extends Date
        ? { lt?: Date; lte?: Date; gte?: Date; gt?: Date }
        : V extends number
          ? { gt: number } | { gte: number; lte: number }
          : V extends null
            ? { not: null }
            : never)

/** A condition on rows, in the part of Prisma's language that is used here. */
type RowWhere<Columns, T extends TenantId> = { -readonly [F in keyof Columns]?: Comparison<Columns[F]> } & {
  tenantId?: T | { notIn: T[] }
  AND?: RowWhere<Columns, T>[]
  OR?: RowWhere<Columns, T>[]
}

/** A condition on connections. */
export type ConnectionWhere<T extends TenantId> = RowWhere<Omit<Connection, 'tenantId' | 'config'>, T>

/** A condition on sync states. */
export type SyncStateWhere<T extends TenantId> = RowWhere<Omit<SyncStateRow<TenantId>, 'tenantId'>, T>

/** A condition on webhook events. */
export type WebhookEventWhere<T extends TenantId> = RowWhere<
  Omit<WebhookEventRow<TenantId>, 'tenantId' | 'rawBody' | 'payload' | 'headers'>,
  T
>

/** A condition on execution logs. */
export type ExecutionLogWhere<T extends TenantId> = RowWhere<Omit<ExecutionLog, 'tenantId'>, T>

/** New values, or a step for numbers. */
export type RowData<Row> = {
  -readonly [F in keyof Row]?: Row[F] | (Row[F] extends number ? { increment: number } : never)
}

type IdOrder = { id: 'asc' | 'desc' }

/** What every model is asked for. */
interface ModelLike<Row, Input, Where, Order, Data> {
  /** Prisma's own description of the columns; tells the type of the tenant id. */
  readonly fields: { readonly tenantId: { readonly typeName: string } }
  readonly findFirst: (args: { where: Where }) => Promise<Row | null>
  readonly findMany: (args: { where: Where; orderBy: Order[]; take: number }) => Promise<Row[]>
  /** Not on MySQL. */
  readonly updateManyAndReturn?: (args: { where: Where; data: Data }) => Promise<Row[]>
  readonly updateMany: (args: { where: Where; data: Data }) => Promise<{ count: number }>
  readonly createMany: (args: { data: Input[] }) => Promise<{ count: number }>
}

/** The model of connections. */
export type ConnectionModelLike<T extends TenantId> = ModelLike<
  ConnectionRow<T>,
  Connection<T>,
  ConnectionWhere<T>,
  IdOrder | { tokenRefreshAt: 'asc' },
  RowData<Connection<T>>
> & {
  readonly deleteMany: (args: { where: { id: string } }) => Promise<{ count: number }>
}

/** The model of sync states. */
export type SyncStateModelLike<T extends TenantId> = ModelLike<
  SyncStateRow<T>,
  SyncState<T>,
  SyncStateWhere<T>,
  IdOrder | { dueAt: 'asc' },
  RowData<SyncState<T>>
>

/** As much of a webhook event as tells when its turn is: bodies can be large. */
export type WaitingWebhook<T extends TenantId> = Pick<
  WebhookEventRow<T>,
  'id' | 'tenantId' | 'connectionId' | 'eventType' | 'orderKey' | 'status' | 'availableAt' | 'createdAt'
>

/** The model of webhook events. */
export type WebhookEventModelLike<T extends TenantId> = ModelLike<
  WebhookEventRow<T>,
  WebhookEventInput<T>,
  WebhookEventWhere<T>,
  IdOrder | { availableAt: 'asc' },
  RowData<WebhookEventInput<T>>
> & {
  // Beside the plain one.
  readonly findMany: (args: {
    where: WebhookEventWhere<T>
    orderBy: (IdOrder | { availableAt: 'asc' })[]
    take: number
    skip: number
    select: { [Column in keyof WaitingWebhook<T>]: true }
  }) => Promise<WaitingWebhook<T>[]>
} & {
  readonly findMany: (args: {
    where: WebhookEventWhere<T>
    select: { [Column in keyof WaitingWebhook<T>]: true }
  }) => Promise<WaitingWebhook<T>[]>
} & {
  readonly findMany: (args: {
    where: WebhookEventWhere<T>
    orderBy: ({ purgedAt: 'asc' } | { status: 'asc' } | { createdAt: 'asc' })[]
    take: number
    select: { id: true }
  }) => Promise<{ id: string }[]>
  readonly upsert: (args: {
    where: { connectionId_idempotencyKey: { connectionId: string; idempotencyKey: string } }
    create: WebhookEventInput<T>
    update: { deliveries: { increment: number } }
  }) => Promise<WebhookEventRow<T>>
  readonly count: (args: { where: WebhookEventWhere<T> }) => Promise<number>
  readonly deleteMany: (args: { where: { id: string | { in: string[] } } }) => Promise<{ count: number }>
}

/** The model of execution logs. */
export type ExecutionLogModelLike<T extends TenantId> = {
  readonly findMany: (args: {
    where: ExecutionLogWhere<T>
    orderBy: IdOrder[]
    take: number
  }) => Promise<ExecutionLog<T>[]>
  readonly createMany: (args: { data: ExecutionLog<T>[] }) => Promise<{ count: number }>
  readonly deleteMany: (args: { where: { id: { in: string[] } } }) => Promise<{ count: number }>
  /** Rows of {@link ExecutionLogGroup}: from a result with a type, the compiler would infer the errors of Prisma's own. */
  readonly groupBy: (args: {
    by: ['responseStatus']
    where: ExecutionLogWhere<T>
    _count: { _all: true; error: true }
    _avg: { durationMs: true }
    _max: { durationMs: true }
  }) => PromiseLike<unknown>
} & {
  // Beside the plain one: bodies can be large, and whoever only needs ids leaves them where they are.
  readonly findMany: (args: {
    where: { createdAt: { lt: Date } }
    orderBy: { createdAt: 'asc' }[]
    take: number
    select: { id: true }
  }) => Promise<{ id: string }[]>
} & {
  readonly findMany: (args: {
    where: ExecutionLogWhere<T>
    orderBy: IdOrder[]
    skip: number
    take: number
    select: { id: true }
  }) => Promise<{ id: string }[]>
} & {
  readonly findMany: (args: {
    where: ExecutionLogWhere<T>
    orderBy: IdOrder[]
    take: number
    select: { [Name in keyof CountedExecution<T>]: true }
  }) => Promise<CountedExecution<T>[]>
}

/** What is looked at of a call that is counted. */
export type CountedExecution<T extends TenantId> = Pick<
  ExecutionLog<T>,
  'id' | 'tenantId' | 'connectionId' | 'responseStatus' | 'error' | 'durationMs'
>

/** Calls with one status, counted by Prisma. */
export interface ExecutionLogGroup {
  readonly responseStatus: number | null
  readonly _count: { readonly _all: number; readonly error: number }
  readonly _avg: { readonly durationMs: number | null }
  readonly _max: { readonly durationMs: number | null }
}

/** The model of authorizations under way. */
export interface OAuthStateModelLike<T extends TenantId> {
  readonly findFirst: (args: { where: { id: string } }) => Promise<OAuthState<T> | null>
  readonly findMany: (args: {
    where: { expiresAt?: { lt: Date }; id?: { gt: string } }
    orderBy: ({ expiresAt: 'asc' } | { id: 'asc' })[]
    take: number
  }) => Promise<OAuthState<T>[]>
  readonly createMany: (args: { data: OAuthState<T>[] }) => Promise<{ count: number }>
  readonly delete: (args: { where: { id: string } }) => Promise<OAuthState<T>>
  readonly deleteMany: (args: { where: { id: string | { in: string[] } } }) => Promise<{ count: number }>
}

/** The models, by what they are to us. */
export interface PrismaModels<T extends TenantId> {
  readonly connection: ConnectionModelLike<T>
  readonly syncState: SyncStateModelLike<T>
  readonly webhookEvent: WebhookEventModelLike<T>
  readonly executionLog: ExecutionLogModelLike<T>
  readonly oauthState: OAuthStateModelLike<T>
}

/** What the models are called in the user's schema. */
export type ModelNames = { readonly [K in keyof PrismaModels<TenantId>]: string }

/** The names in the shipped fragment. */
export interface DefaultModelNames {
  readonly connection: 'connection'
  readonly syncState: 'syncState'
  readonly webhookEvent: 'webhookEvent'
  readonly executionLog: 'executionLog'
  readonly oauthState: 'oAuthState'
}

/** The names in use: the given ones, else those of the fragment. */
export type ModelNamesOf<M> = {
  readonly [K in keyof DefaultModelNames]: K extends keyof M
    ? M[K] extends string
      ? M[K]
      : DefaultModelNames[K]
    : DefaultModelNames[K]
}

/** A Prisma client whose schema contains the fragment. */
export type PrismaClientLike<N extends ModelNames, T extends TenantId> = {
  readonly [K in keyof PrismaModels<T> as N[K]]: PrismaModels<T>[K]
} & {
  readonly $transaction: <R>(
    work: (tx: unknown) => Promise<R>,
    limits: { timeout: number; maxWait: number },
  ) => Promise<R>
}

/** The type of the tenant id, read from the client's description of the column. */
export type TenantIdOf<C, N extends ModelNames> = C extends {
  readonly [K in N['connection']]: { readonly fields: { readonly tenantId: { readonly typeName: infer Name } } }
}
  ? Name extends 'Int'
    ? number
    : Name extends 'BigInt'
      ? bigint
      : string
  : string

/** The client's transaction handle. */
export type TxOf<C> = C extends {
  readonly $transaction: (work: (tx: infer Tx) => Promise<unknown>, ...rest: never[]) => unknown
}
  ? Tx
  : never
