import type { WebhookEventView, WebhookStatus } from '../../core/domain/webhook-event.ts'
import type { ConnectionNames } from '../connection-names.ts'
import { link, type Visit } from '../visit.ts'
import { Badge, type Tone } from './badge.tsx'
import { ConnectionLink } from './connection-link.tsx'
import { Instant } from './instant.tsx'
import { type Column, Table } from './table.tsx'

const tones: Readonly<Record<WebhookStatus, Tone>> = {
  received: 'info',
  processing: 'info',
  processed: 'good',
  failed: 'warn',
  dead: 'bad',
  rejected: 'bad',
  unhandled: 'calm',
}

/** The states of deliveries. */
export const webhookStatuses = Object.keys(tones) as readonly WebhookStatus[]

/** The state of a delivery. */
export function WebhookBadge({ status }: { status: WebhookStatus }) {
  return <Badge tone={tones[status]}>{status}</Badge>
}

/** Deliveries, one a row. */
export function WebhooksTable({
  visit,
  events,
  names = null,
  empty,
}: {
  visit: Visit
  events: readonly WebhookEventView[]
  /** What their connections are called; `null` where all are of one, which needn't be named. */
  names?: ConnectionNames | null
  empty: string
}) {
  const columns: readonly Column<WebhookEventView>[] = [
    { head: 'Received', cell: ({ createdAt }) => <Instant at={createdAt} now={visit.now} /> },
    {
      head: 'Event',
      cell: ({ id, eventType, idempotencyKey }) => (
        <>
          <a href={link(visit, `/webhooks/${id}`)}>{eventType}</a>
          <span class="sub mono">{idempotencyKey}</span>
        </>
      ),
    },
    { head: 'State', cell: ({ status }) => <WebhookBadge status={status} /> },
    ...(names === null
      ? []
      : [
          { head: 'Provider', isMinor: true, cell: ({ provider }: WebhookEventView) => provider },
          {
            head: 'Connection',
            cell: (event: WebhookEventView) => <ConnectionLink visit={visit} names={names} row={event} />,
          },
        ]),
    { head: 'Attempts', isNumber: true, cell: ({ attempts }) => String(attempts) },
    { head: 'Signature', cell: ({ signatureValid }) => (signatureValid ? 'valid' : 'not valid') },
  ]
  return <Table caption="Webhooks" columns={columns} rows={events} empty={empty} />
}
