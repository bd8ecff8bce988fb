import { isHandledType } from '../../core/domain/handled-types.ts'
import { isInScope, type TenantId } from '../../core/domain/tenant.ts'
import type { WebhookStatus } from '../../core/domain/webhook-event.ts'
import type { DueWebhook, WebhookEventRepository } from '../../core/ports/webhook-event-repository.ts'
import { fairDeliveries } from '../kit/fair-deliveries.ts'
import { matchingRows } from '../kit/matching-rows.ts'
import { scopeWhere } from '../kit/scope-where.ts'
import { byWaiting } from '../kit/webhook-event-changes.ts'
import type { PrismaModels, WaitingWebhook, WebhookEventWhere } from './prisma-client-like.ts'
import { handledWhere, holdersOf, isBefore, waitingColumns } from './prisma-webhook-order.ts'

type DueQuery<T extends TenantId> = Parameters<WebhookEventRepository<T>['due']>[0]

/** Rows of one query when those in front turned out to wait for others. */
const mostRows = 1_000
/** Order keys to read past; SQLite takes 32,766 parameters. */
const mostKeys = 20_000

/** The deliveries that are due. */
export function prismaDueWebhooks<T extends TenantId>(
  models: Pick<PrismaModels<T>, 'webhookEvent'>,
  { limit, perTenant, ...query }: DueQuery<T>,
): Promise<readonly DueWebhook<T>[]> {
  return fairDeliveries({
    fetch: (except: readonly T[], count) => waitingLongest(models, { ...query, limit: count }, except),
    limit,
    perTenant,
  })
}

/**
 * Those of all tenants but some. Prisma can't ask for rows "without an earlier one": so candidates are read, those that wait
 * for others are sorted out, and read on past their order keys, until there are enough or no more.
 */
async function waitingLongest<T extends TenantId>(
  models: Pick<PrismaModels<T>, 'webhookEvent'>,
  { scope, at, clockSkewMs, limit, handled }: Omit<DueQuery<T>, 'perTenant'>,
  except: readonly T[],
): Promise<readonly WaitingWebhook<T>[]> {
  const expired = new Date(at.getTime() - clockSkewMs)
  const others: WebhookEventWhere<T> = except.length === 0 ? {} : { tenantId: { notIn: [...except] } }
  const among = { ...scopeWhere(scope), ...handledWhere<T>(handled) }

  const isOurs = (row: WaitingWebhook<T>) => isInScope(scope, row.tenantId) && isHandledType(handled, row.eventType)
  const read = async (take: number, rest: WebhookEventWhere<T>) => {
    const waiting = (status: WebhookStatus, since: WebhookEventWhere<T>) =>
      matchingRows<WaitingWebhook<T>>(
        (_, skip) =>
          models.webhookEvent.findMany({
            where: { AND: [among, others, rest], status, ...since },
            orderBy: [{ availableAt: 'asc' }, { id: 'asc' }],
            take,
            skip,
            select: waitingColumns,
          }),
        // What a collation takes for ours, or SQLite's LIKE in its indifference to case, must not be in the way.
        isOurs,
        take,
      )
    // A query per status, each of which is a walk along the index; an OR over all of them would be sorted.
    const pages = [
      await waiting('received', { availableAt: { lte: at } }),
      await waiting('unhandled', { availableAt: { lte: at } }),
      await waiting('failed', { availableAt: { lte: at } }),
      await waiting('processing', { claimExpiresAt: { lt: expired } }),
    ]
    // Behind the last row of a full page there may be others.
    const ends = pages.flatMap((rows) => (rows.length < take ? [] : rows.slice(-1)))
    return { rows: pages.flat(), frontier: ends.toSorted(byWaiting)[0] }
  }

  const due: WaitingWebhook<T>[] = []
  const passed = new Set<string>()
  for (let take = limit; ; take = Math.min(mostRows, take * 4)) {
    const { rows, frontier } = await read(take, passed.size === 0 ? {} : beyond(due, passed))
    due.push(...rows.filter(({ orderKey }) => orderKey === null))
    const firsts = firstOfEach(rows)
    const holders = await holdersOf(models, [...firsts.values()], handled)
    for (const [orderKey, row] of firsts) {
      passed.add(orderKey)
      // Whose turn it is may stand far behind, in the page of its own status.
      const holder = holders.get(orderKey)
      const isDue = holder === undefined || (isOurs(holder) && isWaiting(holder, at))
      if (isDue) due.push(holder ?? row)
    }
    const isEnough = frontier === undefined || due.filter((row) => byWaiting(row, frontier) <= 0).length >= limit
    if (isEnough || firsts.size === 0 || passed.size > mostKeys) return due
  }
}

function isWaiting<T extends TenantId>({ status, availableAt }: WaitingWebhook<T>, at: Date): boolean {
  return status !== 'processing' && availableAt !== null && availableAt <= at
}

function beyond<T extends TenantId>(
  due: readonly WaitingWebhook<T>[],
  passed: ReadonlySet<string>,
): WebhookEventWhere<T> {
  return {
    id: { notIn: due.map(({ id }) => id) },
    OR: [{ orderKey: null }, { orderKey: { notIn: [...passed] } }],
  }
}

/** Of each order key the one whose turn it is: the one that is being processed already, else the earliest. */
function firstOfEach<T extends TenantId>(rows: readonly WaitingWebhook<T>[]): ReadonlyMap<string, WaitingWebhook<T>> {
  const firsts = new Map<string, WaitingWebhook<T>>()
  for (const row of rows) {
    if (row.orderKey === null) continue
    const first = firsts.get(row.orderKey)
    if (first === undefined || isBefore(row, first)) firsts.set(row.orderKey, row)
  }
  return firsts
}
