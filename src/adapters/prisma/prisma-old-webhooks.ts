import type { TenantId } from '../../core/domain/tenant.ts'
import type { WebhookEventRepository } from '../../core/ports/webhook-event-repository.ts'
import { purgeable, purgedEvent } from '../kit/webhook-event-changes.ts'
import type { PrismaModels, WebhookEventWhere } from './prisma-client-like.ts'

type Models<T extends TenantId> = Pick<PrismaModels<T>, 'webhookEvent'>
type Verb<T extends TenantId, Name extends 'purge' | 'prune'> = Parameters<WebhookEventRepository<T>[Name]>[0]

/** Removes the bodies of old deliveries. */
export async function purgeWebhooks<T extends TenantId>(
  models: Models<T>,
  { before, at, limit }: Verb<T, 'purge'>,
): Promise<number> {
  let total = 0
  for (const status of purgeable) {
    const ids = await idsOf(models, { purgedAt: null, status, createdAt: { lt: before } }, limit - total)
    if (ids.length === 0) continue
    // Of concurrent calls only the one whose statement finds a body counts it; and what was replayed meanwhile keeps its own.
    const old = { id: { in: ids }, purgedAt: null, status }
    total += (await models.webhookEvent.updateMany({ where: old, data: purgedEvent({ at }) })).count
  }
  return total
}

/** Removes old deliveries. */
export async function pruneWebhooks<T extends TenantId>(
  models: Models<T>,
  { purgedBefore, rejectedBefore, limit }: Verb<T, 'prune'>,
): Promise<number> {
  const purged = await idsOf(models, { purgedAt: { lt: purgedBefore } }, limit)
  const rejected = await idsOf(
    models,
    { purgedAt: null, status: 'rejected', createdAt: { lt: rejectedBefore } },
    limit - purged.length,
  )
  const ids = [...purged, ...rejected]
  if (ids.length === 0) return 0
  // None of them changes any more. Of concurrent calls only the one whose statement removes a row counts it.
  return (await models.webhookEvent.deleteMany({ where: { id: { in: ids } } })).count
}

async function idsOf<T extends TenantId>(
  { webhookEvent }: Models<T>,
  where: WebhookEventWhere<T>,
  take: number,
): Promise<string[]> {
  if (take === 0) return []
  const orderBy = [{ purgedAt: 'asc' as const }, { status: 'asc' as const }, { createdAt: 'asc' as const }]
  return (await webhookEvent.findMany({ where, orderBy, take, select: { id: true } })).map(({ id }) => id)
}
