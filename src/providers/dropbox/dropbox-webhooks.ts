import { z } from 'zod'
import { ConnectorsError } from '../../core/domain/errors.ts'
import type { Json } from '../../core/domain/json.ts'
import type { WebhookDelivery, WebhookSupport } from '../../core/domain/provider.ts'
import { parseJsonBody } from '../../core/domain/webhook-delivery.ts'
import { challenges, signatures } from '../kit/index.ts'

/** What Dropbox tells: that something changed. What it was is told by a sync. */
export interface DropboxEvent {
  readonly type: 'files.changed'
  /** The accounts in which something changed (`dbid:…`), those of other connections too. */
  readonly accounts: readonly string[]
  /** The whole payload, by Dropbox's own names. */
  readonly payload: Json
}

const deliverySchema = z.object({ list_folder: z.object({ accounts: z.array(z.string().min(1)) }) })

/**
 * https://www.dropbox.com/developers/reference/webhooks
 *
 * Two deliveries about one account are the same bytes, and have no id: each counts, or the second change would be taken for a
 * repetition of the first. So one that comes again is handled again, which costs a sync that finds nothing.
 */
export const dropboxWebhooks: WebhookSupport<DropboxEvent> = {
  signature: signatures.dropbox,
  deliveryId: { each: true },
  eventTypes: ['files.changed'],
  eventType: (_headers, payload) => (deliverySchema.safeParse(payload).success ? 'files.changed' : 'unknown'),
  challenge: challenges.dropbox,
  accounts: ({ rawBody }) => deliverySchema.safeParse(parseJsonBody(rawBody)).data?.list_folder.accounts ?? [],
  parse({ rawBody }: WebhookDelivery): DropboxEvent {
    const payload = parseJsonBody(rawBody)
    const parsed = deliverySchema.safeParse(payload)
    if (!parsed.success || payload === undefined) {
      throw new ConnectorsError('PROVIDER_FAILED', 'The Dropbox delivery names no accounts in list_folder.')
    }
    return { type: 'files.changed', accounts: parsed.data.list_folder.accounts, payload }
  },
}
